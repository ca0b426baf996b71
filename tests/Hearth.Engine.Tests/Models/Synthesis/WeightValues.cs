using System.Text;

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <summary>
/// Values for a tensor by its name, distributed as in trained models so that positions, windows and factors change the logits.
/// They come from integers and exactly rounded arithmetic alone: the same bytes on every machine.
/// </summary>
internal static class WeightValues
{
    // The first rule whose part is in the name; values are center +- range. Range 0 means by the row's length: matrices.
    private static readonly (string Part, double Center, double Range)[] s_rules =
    [
        ("ssm_dt.bias", -1, 1),
        ("ssm_a", -1, 0.5),
        ("rope_f", 2, 1),
        ("sinks", 0, 2),
        ("exp_probs_b", 0, 0.2),
        ("norm.bias", 0, 0.2),
        ("attn_q_norm", 1.5, 0.2),
        ("attn_k_norm", 1.5, 0.2),
        ("norm", 1, 0.2),
        (".scale", 1, 0.3),
        (".bias", 0, 0.2),
        ("layer_output_scale", 1, 0.3),
        ("token_embd.", 0, 0.7),
        ("position_embd.", 0, 0.5),
        ("token_types.", 0, 0.5),
        ("conv1d.", 0, 0.8),
        ("shortconv.conv.", 0, 0.8),
        ("time_mix_w0", -1, 1),
        ("time_mix_decay.", -1, 1),
        ("time_mix_first", 0, 0.8),
        ("time_mix_ln.", 1, 0.2),
        ("time_mix_k_", 1, 0.2),
        ("lerp", 0.5, 0.3),
    ];

    // Sharper attention and routing than that of an untrained model.
    private static readonly (string Part, double Gain)[] s_gains =
        [("attn_q", 1.4), ("attn_k", 1.4), ("ffn_gate_inp", 2), ("ffn_down", 1.6)];

    /// <summary>The elements of a tensor.</summary>
    public static float[] Make(ModelCase model, RecordedTensor tensor)
    {
        (double center, double range) = Distribution(tensor);
        float factor = model.FactorOf(tensor.Name);
        ulong state = Seed(model.Name + '/' + tensor.Name);
        float[] values = new float[tensor.Dimensions.Aggregate((product, length) => product * length)];
        for (int i = 0; i < values.Length; i++)
        {
            state += 0x9E37_79B9_7F4A_7C15;
            double unit = (Mix(state) >> 40) * (1.0 / (1 << 23)) - 1;
            values[i] = (float)(center + (range * unit)) * factor;
        }

        return values;
    }

    private static (double Center, double Range) Distribution(RecordedTensor tensor)
    {
        foreach ((string part, double center, double range) in s_rules)
        {
            if (tensor.Name.Contains(part, StringComparison.Ordinal))
            {
                return (center, range);
            }
        }

        if (tensor.Dimensions.Length == 1)
        {
            return (0, 0.5);
        }

        // Uniform values in +-sqrt(3 / n) have the variance 1 / n, which keeps a product's variance.
        double gain = s_gains.FirstOrDefault(rule => tensor.Name.Contains(rule.Part, StringComparison.Ordinal), ("", 1)).Gain;
        return (0, gain * Math.Sqrt(3.0 / tensor.Dimensions[0]));
    }

    // FNV-1a.
    private static ulong Seed(string text)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (byte value in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ value) * 0x0000_0100_0000_01B3;
        }

        return hash;
    }

    // SplitMix64's finisher (Steele, Lea, Flood 2014).
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
