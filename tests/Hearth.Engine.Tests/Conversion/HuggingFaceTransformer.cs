using System.Text.Json.Nodes;

namespace Hearth.Engine.Tests.Conversion;

/// <summary>
/// What a Hugging Face folder computes, in double precision and straight from its own tensors and configuration: halves of a head rotate
/// together, Gemma's norms add one, fused matrices are cut. Written apart from the engine.
/// </summary>
internal sealed class HuggingFaceTransformer
{
    private readonly JsonObject _config;
    private readonly Dictionary<string, TestTensor> _tensors;
    private readonly string _type;
    private readonly bool _gemma;
    private readonly int _heads;
    private readonly int _keyHeads;
    private readonly int _width;

    public HuggingFaceTransformer(JsonObject config, IEnumerable<TestTensor> tensors)
    {
        _config = JsonNode.Parse(config.ToJsonString())!.AsObject();
        _tensors = tensors.ToDictionary(tensor => tensor.Name);
        _type = (string)config["model_type"]!;
        _gemma = _type.StartsWith("gemma", StringComparison.Ordinal);
        _heads = (int)config["num_attention_heads"]!;
        _keyHeads = (int)config["num_key_value_heads"]!;
        _width = (int?)config["head_dim"] ?? (int)config["hidden_size"]! / _heads;
    }

    public IReadOnlyCollection<TestTensor> Tensors => _tensors.Values;

    /// <summary>A tensor's values.</summary>
    public float[] Values(string name) => _tensors[name].Values;

    /// <summary>The logits after each token.</summary>
    public double[][] Logits(int[] tokens)
    {
        double[][] embedding = Matrix("model.embed_tokens.weight");
        double scale = _gemma ? Math.Sqrt(embedding[0].Length) : 1;
        double[][] x = [.. tokens.Select(token => embedding[token].Select(value => value * scale).ToArray())];
        for (int layer = 0; layer < (int)_config["num_hidden_layers"]!; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            double[][] attended = Attention(Norm(x, prefix + "input_layernorm"), prefix, layer);
            bool postNorms = _type is "gemma2" or "gemma3_text";
            Add(x, postNorms ? Norm(attended, prefix + "post_attention_layernorm") : attended);
            double[][] inner = FeedForward(
                Norm(x, prefix + (postNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm")), prefix);
            Add(x, postNorms ? Norm(inner, prefix + "post_feedforward_layernorm") : inner);
        }

        double[][] output = _tensors.ContainsKey("lm_head.weight") ? Matrix("lm_head.weight") : embedding;
        double cap = (double?)_config["final_logit_softcapping"] ?? 0;
        return [.. Times(Norm(x, "model.norm"), output).Select(
            row => row.Select(value => cap == 0 ? value : cap * Math.Tanh(value / cap)).ToArray())];
    }

    private double[][] Attention(double[][] x, string prefix, int layer)
    {
        double[][] q, k, v;
        if (_tensors.ContainsKey(prefix + "self_attn.qkv_proj.weight"))
        {
            double[][] all = Times(x, Matrix(prefix + "self_attn.qkv_proj.weight"));
            int queries = _heads * _width, keys = _keyHeads * _width;
            (q, k, v) = (Cut(all, 0, queries), Cut(all, queries, keys), Cut(all, queries + keys, keys));
        }
        else
        {
            (q, k, v) = (Project(x, prefix + "self_attn.q_proj"),
                Project(x, prefix + "self_attn.k_proj"), Project(x, prefix + "self_attn.v_proj"));
        }

        if (_tensors.ContainsKey(prefix + "self_attn.q_norm.weight"))
        {
            (q, k) = (HeadNorm(q, prefix + "self_attn.q_norm"), HeadNorm(k, prefix + "self_attn.k_norm"));
        }

        int period = _type switch { "gemma2" => 2, "gemma3_text" => 6, _ => 1 };
        bool local = (layer + 1) % period != 0;
        Rotate(q, local);
        Rotate(k, local);
        int window = local ? (int)_config["sliding_window"]! : int.MaxValue;
        double cap = (double?)_config["attn_logit_softcapping"] ?? 0;
        double[][] result = [.. x.Select((_, position) => Attend(position, q[position], k, v, window, cap))];
        return Project(result, prefix + "self_attn.o_proj");
    }

    private double[] Attend(int position, double[] query, double[][] keys, double[][] values, int window, double cap)
    {
        int first = Math.Max(0, position - window + 1);
        double[] result = new double[_heads * _width];
        for (int head = 0; head < _heads; head++)
        {
            int from = head / (_heads / _keyHeads) * _width;
            double[] scores = new double[position - first + 1];
            for (int j = 0; j < scores.Length; j++)
            {
                double score = Enumerable.Range(0, _width).Sum(
                    i => query[head * _width + i] * keys[first + j][from + i]) / Math.Sqrt(_width);
                scores[j] = Math.Exp(cap == 0 ? score : cap * Math.Tanh(score / cap));
            }

            double sum = scores.Sum();
            for (int i = 0; i < _width; i++)
            {
                result[head * _width + i] = Enumerable.Range(0, scores.Length).Sum(j => scores[j] / sum * values[first + j][from + i]);
            }
        }

        return result;
    }

    private void Rotate(double[][] rows, bool local)
    {
        (double[] frequencies, double magnitude) = Frequencies(local);
        int half = _width / 2;
        for (int position = 0; position < rows.Length; position++)
        {
            for (int start = 0; start < rows[position].Length; start += _width)
            {
                for (int i = 0; i < half; i++)
                {
                    (double sin, double cos) = Math.SinCos(position * frequencies[i]);
                    (double a, double b) = (rows[position][start + i], rows[position][start + half + i]);
                    rows[position][start + i] = magnitude * (a * cos - b * sin);
                    rows[position][start + half + i] = magnitude * (b * cos + a * sin);
                }
            }
        }
    }

    private (double[] Frequencies, double Magnitude) Frequencies(bool local)
    {
        double theta = local && _type == "gemma3_text" ? (double)_config["rope_local_base_freq"]! : (double)_config["rope_theta"]!;
        double[] frequencies = [.. Enumerable.Range(0, _width / 2).Select(i => Math.Pow(theta, -2.0 * i / _width))];
        JsonObject? scaling = local ? null : _config["rope_scaling"]?.AsObject();
        switch ((string?)(scaling?["rope_type"] ?? scaling?["type"]))
        {
            case "linear":
                return ([.. frequencies.Select(frequency => frequency / (double)scaling!["factor"]!)], 1);
            case "llama3":
                return ([.. frequencies.Select(frequency => Llama3(frequency, scaling!))], 1);
            case "longrope":
                double original = (double)_config["original_max_position_embeddings"]!,
                    stretch = (double)_config["max_position_embeddings"]! / original;
                return ([.. frequencies.Zip(scaling!["long_factor"]!.AsArray(), (frequency, factor) => frequency / (double)factor!)],
                    Math.Sqrt(1 + Math.Log(stretch) / Math.Log(original)));
            default:
                return (frequencies, 1);
        }
    }

    private static double Llama3(double frequency, JsonObject scaling)
    {
        double factor = (double)scaling["factor"]!, low = (double)scaling["low_freq_factor"]!, high = (double)scaling["high_freq_factor"]!;
        double turns = (double)scaling["original_max_position_embeddings"]! * frequency / (2 * Math.PI);
        if (turns > high)
        {
            return frequency;
        }

        double share = Math.Max(0, (turns - low) / (high - low));
        return (1 - share) * frequency / factor + share * frequency;
    }

    private double[][] FeedForward(double[][] x, string prefix)
    {
        if (_tensors.ContainsKey(prefix + "mlp.gate_up_proj.weight"))
        {
            double[][] both = Times(x, Matrix(prefix + "mlp.gate_up_proj.weight"));
            int inner = both[0].Length / 2;
            return Project(Gate(Cut(both, 0, inner), Cut(both, inner, inner)), prefix + "mlp.down_proj");
        }

        return _type switch
        {
            "mixtral" => Experts(x, prefix + "block_sparse_moe.gate", prefix + "block_sparse_moe.experts", "w1", "w3", "w2"),
            "qwen3_moe" => Experts(x, prefix + "mlp.gate", prefix + "mlp.experts", "gate_proj", "up_proj", "down_proj"),
            _ => Project(Gate(Project(x, prefix + "mlp.gate_proj"), Project(x, prefix + "mlp.up_proj")), prefix + "mlp.down_proj"),
        };
    }

    private double[][] Experts(double[][] x, string router, string experts, string gate, string up, string down)
    {
        int used = (int)_config["num_experts_per_tok"]!;
        double[][] scores = Project(x, router);
        return
        [
            .. x.Select((row, position) =>
            {
                (int Index, double Weight)[] chosen = [.. scores[position].Select(
                    (score, i) => (i, Math.Exp(score))).OrderByDescending(pair => pair.Item2).Take(used)];
                double sum = chosen.Sum(pair => pair.Weight);
                double[] result = new double[row.Length];
                foreach ((int index, double weight) in chosen)
                {
                    string name = $"{experts}.{index}.";
                    double[] part = Project(Gate(Project([row], name + gate), Project([row], name + up)), name + down)[0];
                    result = [.. result.Zip(part, (a, b) => a + weight / sum * b)];
                }

                return result;
            }),
        ];
    }

    private double[][] Gate(double[][] gate, double[][] up) => [.. gate.Zip(up, (g, u) => g.Zip(u, (a, b) => Activation(a) * b).ToArray())];

    private double Activation(double value) => _gemma ? (double)(Half)Gelu((double)(Half)value) : value / (1 + Math.Exp(-value));

    // The engine takes GELU from halves to halves, as ggml does.
    private static double Gelu(double value) => 0.5 * value * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (value + 0.044715 * value * value * value)));

    private double[][] Norm(double[][] x, string name)
    {
        double[] weight = Matrix(name + ".weight")[0];
        double epsilon = (double)_config["rms_norm_eps"]!;
        return [.. x.Select(row =>
            row.Select((a, i) => a / Math.Sqrt(row.Average(b => b * b) + epsilon) * (weight[i] + (_gemma ? 1 : 0))).ToArray())];
    }

    private double[][] HeadNorm(double[][] x, string name) =>
        [.. x.Select(row => Norm([.. row.Chunk(_width)], name).SelectMany(head => head).ToArray())];

    private double[][] Project(double[][] x, string name)
    {
        double[][] result = Times(x, Matrix(name + ".weight"));
        if (_tensors.ContainsKey(name + ".bias"))
        {
            double[] bias = Matrix(name + ".bias")[0];
            Add(result, [.. result.Select(_ => bias)]);
        }

        return result;
    }

    private double[][] Matrix(string name)
    {
        TestTensor tensor = _tensors[name];
        return [.. tensor.Values.Chunk(tensor.Shape[^1]).Select(row => row.Select(value => (double)value).ToArray())];
    }

    private static double[][] Times(double[][] x, double[][] matrix) =>
        [.. x.Select(row => matrix.Select(weights => weights.Zip(row, (a, b) => a * b).Sum()).ToArray())];

    private static double[][] Cut(double[][] x, int start, int length) => [.. x.Select(row => row[start..(start + length)])];

    private static void Add(double[][] x, double[][] y)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = [.. x[i].Zip(y[i], (a, b) => a + b)];
        }
    }
}
