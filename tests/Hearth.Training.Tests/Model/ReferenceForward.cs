using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;

namespace Hearth.Training.Tests.Model;

/// <summary>The llama architecture in double, straight from a GGUF file: slow, and written apart from the trainer.</summary>
internal sealed class ReferenceForward(GgufFile file)
{
    private readonly int _layers = Integer(file, "llama.block_count");
    private readonly int _heads = Integer(file, "llama.attention.head_count");
    private readonly int _keyValueHeads = Integer(file, "llama.attention.head_count_kv");
    private readonly double _epsilon = file.Metadata.GetFloat("llama.attention.layer_norm_rms_epsilon")!.Value;
    private readonly double _base = file.Metadata.GetFloat("llama.rope.freq_base")!.Value;

    /// <summary>The logits of the last token.</summary>
    public double[] LastLogits(IReadOnlyList<int> tokens)
    {
        double[][] embedding = Matrix("token_embd.weight");
        double[][] x = [.. tokens.Select(token => (double[])embedding[token].Clone())];
        for (int layer = 0; layer < _layers; layer++)
        {
            string prefix = $"blk.{layer}.";
            double[][] normed = Norm(x, prefix + "attn_norm.weight");
            double[][] q = Times(normed, prefix + "attn_q.weight");
            double[][] k = Times(normed, prefix + "attn_k.weight");
            double[][] v = Times(normed, prefix + "attn_v.weight");
            int width = q[0].Length / _heads;
            Rotate(q, width);
            Rotate(k, width);
            double[][] attended = [.. x.Select((_, i) => Attend(i, q[i], k, v, width))];
            Add(x, Times(attended, prefix + "attn_output.weight"));
            normed = Norm(x, prefix + "ffn_norm.weight");
            double[][] gate = Times(normed, prefix + "ffn_gate.weight");
            double[][] up = Times(normed, prefix + "ffn_up.weight");
            double[][] inner = [.. gate.Zip(up, (g, u) => g.Zip(u, (a, b) => a / (1 + Math.Exp(-a)) * b).ToArray())];
            Add(x, Times(inner, prefix + "ffn_down.weight"));
        }

        double[] last = Norm(x, "output_norm.weight")[^1];
        return [.. embedding.Select(row => row.Zip(last, (a, b) => a * b).Sum())];
    }

    private static int Integer(GgufFile file, string key) => (int)file.Metadata.GetInteger(key)!.Value;

    private static void Add(double[][] x, double[][] y)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = [.. x[i].Zip(y[i], (a, b) => a + b)];
        }
    }

    private double[] Attend(int position, double[] query, double[][] keys, double[][] values, int width)
    {
        var result = new double[_heads * width];
        for (int head = 0; head < _heads; head++)
        {
            int from = head / (_heads / _keyValueHeads) * width;
            double[] scores =
            [
                .. Enumerable.Range(0, position + 1)
                    .Select(j => Enumerable.Range(0, width).Sum(d => query[head * width + d] * keys[j][from + d]) / Math.Sqrt(width)),
            ];
            double sum = scores.Sum(score => Math.Exp(score - scores.Max()));
            for (int d = 0; d < width; d++)
            {
                result[head * width + d] = scores.Select((score, j) => Math.Exp(score - scores.Max()) / sum * values[j][from + d]).Sum();
            }
        }

        return result;
    }

    private void Rotate(double[][] rows, int width)
    {
        for (int position = 0; position < rows.Length; position++)
        {
            for (int i = 0; i < rows[position].Length; i += 2)
            {
                double angle = position * Math.Pow(_base, -(i % width) / (double)width);
                (double a, double b) = (rows[position][i], rows[position][i + 1]);
                rows[position][i] = a * Math.Cos(angle) - b * Math.Sin(angle);
                rows[position][i + 1] = a * Math.Sin(angle) + b * Math.Cos(angle);
            }
        }
    }

    private double[][] Norm(double[][] x, string name)
    {
        double[] weight = Matrix(name)[0];
        return [.. x.Select(row => row.Select((a, i) => a / Math.Sqrt(row.Average(b => b * b) + _epsilon) * weight[i]).ToArray())];
    }

    private double[][] Times(double[][] x, string name)
    {
        double[][] matrix = Matrix(name);
        return [.. x.Select(row => matrix.Select(weights => weights.Zip(row, (a, b) => a * b).Sum()).ToArray())];
    }

    private double[][] Matrix(string name)
    {
        GgufTensor tensor = file.Tensor(name);
        var values = new float[tensor.Elements];
        BlockCodec.Decode(tensor.Type, file.Data(tensor), values);
        return [.. values.Chunk((int)tensor.Columns).Select(row => row.Select(value => (double)value).ToArray())];
    }
}
