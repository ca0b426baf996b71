using System.Runtime.InteropServices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Quantization;
using Hearth.Kernels.Formats;

namespace Hearth.Benchmarks.Quantization;

/// <summary>The weights of a measurement: a model's, or rows made for it.</summary>
/// <param name="Model">The model's path, or null.</param>
/// <param name="Kind">One of <see cref="WeightRows.Kinds"/>, when there is no model.</param>
/// <param name="Reshape">Whether the model's matrices are cut into rows of 256.</param>
internal sealed record Weights(string? Model, string? Kind, bool Reshape)
{
    private const int RowLength = 256;

    /// <summary>What they are, for the head of the table.</summary>
    public string Name => Model is null ? $"{Kind} rows" : Path.GetFileName(Model) + (Reshape ? $" in rows of {RowLength}" : string.Empty);

    /// <summary>The path of a file that holds them: the model itself, or <paramref name="path"/>, which is written.</summary>
    /// <exception cref="InvalidOperationException">Neither a model nor a kind was given, or there is no such kind.</exception>
    public string Prepare(string path)
    {
        if (Model is null)
        {
            Write(path, WeightRows.Make(Kind ?? throw new InvalidOperationException("Give --model or --rows.")));
            return path;
        }

        if (!Reshape)
        {
            return Model;
        }

        using GgufFile file = GgufFile.Open(Model);
        Write(path, file.Tensors.Where(tensor => TensorCategories.IsQuantizable(tensor.Name, tensor.Dimensions.AsSpan()))
            .Select(file.ReadFloats));
        return path;
    }

    private static void Write(string path, IEnumerable<float[]> matrices)
    {
        GgufWriter writer = new GgufWriter().Set("general.architecture", "llama")
            .Set("llama.context_length", 512u).Set("llama.embedding_length", 256u).Set("llama.feed_forward_length", 512u)
            .Set("llama.block_count", 1u).Set("llama.attention.head_count", 4u).Set("llama.attention.head_count_kv", 4u)
            .Set("llama.attention.layer_norm_rms_epsilon", 1e-5f).Set("llama.vocab_size", 32u).Set("llama.rope.dimension_count", 64u);
        int index = 0;
        foreach (float[] values in matrices)
        {
            int rows = values.Length / RowLength;
            if (rows > 1)
            {
                writer.Add($"blk.0.matrix_{index++}.weight", TensorType.F32, [RowLength, rows],
                    stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan(0, rows * RowLength))));
            }
        }

        writer.Save(path);
    }
}
