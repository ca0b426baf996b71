using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;
using Hearth.Training.Text;
using Hearth.Training.Vocabulary;

namespace Hearth.Training.Model;

/// <summary>
/// Writes a trained transformer as a GGUF file of the llama architecture (matrices in Q8_0, norms in F32), and reads it back.
/// </summary>
internal static class GuideFile
{
    private const int ControlToken = 3;
    private const int NormalToken = 1;
    private const int MostlyQ8 = 7;

    /// <summary>Writes the file.</summary>
    /// <exception cref="InvalidDataException">The vocabulary has not the size of the embedding.</exception>
    public static void Save(string path, string name, ParameterLayout layout, float[] weights, BpeVocabulary vocabulary)
    {
        TransformerShape shape = layout.Shape;
        if (vocabulary.Tokens.Count != shape.Vocabulary)
        {
            throw new InvalidDataException($"The vocabulary has {vocabulary.Tokens.Count} tokens, the embedding {shape.Vocabulary} rows.");
        }

        GgufWriter writer = new GgufWriter()
            .Set("general.architecture", "llama")
            .Set("general.type", "model")
            .Set("general.name", name)
            .Set("general.license", "apache-2.0")
            .Set("general.file_type", (uint)MostlyQ8)
            .Set("general.quantization_version", 2u)
            .Set("llama.context_length", (uint)shape.Context)
            .Set("llama.embedding_length", (uint)shape.Width)
            .Set("llama.block_count", (uint)shape.Layers)
            .Set("llama.feed_forward_length", (uint)shape.FeedForward)
            .Set("llama.attention.head_count", (uint)shape.Heads)
            .Set("llama.attention.head_count_kv", (uint)shape.KeyValueHeads)
            .Set("llama.attention.layer_norm_rms_epsilon", TransformerShape.Epsilon)
            .Set("llama.rope.dimension_count", (uint)shape.HeadWidth)
            .Set("llama.rope.freq_base", (float)TransformerShape.RopeBase)
            .Set("llama.vocab_size", (uint)shape.Vocabulary)
            .Set("tokenizer.ggml.model", "gpt2")
            .Set("tokenizer.ggml.pre", "gpt-2")
            .Set("tokenizer.ggml.tokens", vocabulary.Tokens.ToArray())
            .Set("tokenizer.ggml.token_type", TokenTypes(vocabulary))
            .Set("tokenizer.ggml.merges", vocabulary.Merges.Select(merge => $"{merge.Left} {merge.Right}").ToArray())
            .Set("tokenizer.ggml.bos_token_id", (uint)BpeVocabulary.EndOfText)
            .Set("tokenizer.ggml.eos_token_id", (uint)BpeVocabulary.MessageEnd)
            .Set("tokenizer.ggml.padding_token_id", (uint)BpeVocabulary.EndOfText)
            .Set("tokenizer.ggml.add_bos_token", false)
            .Set("tokenizer.chat_template", ChatEncoder.Template);
        foreach (ParameterTensor tensor in layout.Tensors)
        {
            float[] values = tensor.In(weights).ToArray();
            if (tensor.IsVector)
            {
                writer.Add(tensor.Name, [tensor.Columns], values);
                continue;
            }

            var blocks = new byte[TensorTypes.ByteSize(TensorType.Q8_0, values.Length)];
            BlockCodec.Encode(TensorType.Q8_0, values, blocks);
            writer.Add(tensor.Name, TensorType.Q8_0, [tensor.Columns, tensor.Rows], blocks);
        }

        writer.Save(path);
    }

    /// <summary>Reads a file that <see cref="Save"/> wrote: the weights are what the engine sees, after quantisation.</summary>
    public static (ParameterLayout Layout, float[] Weights, BpeVocabulary Vocabulary) Load(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        GgufMetadata metadata = file.Metadata;
        int Integer(string key) => checked((int)(metadata.GetInteger(key) ?? throw new InvalidDataException($"{path} has no '{key}'.")));
        var vocabulary = new BpeVocabulary(
        [
            .. (metadata.GetStrings("tokenizer.ggml.merges") ?? throw new InvalidDataException($"{path} has no merges."))
                .Select(merge => merge.Split(' '))
                .Select(sides => (sides[0], sides[1])),
        ]);
        var layout = new ParameterLayout(new TransformerShape(
            vocabulary.Tokens.Count,
            Integer("llama.embedding_length"),
            Integer("llama.block_count"),
            Integer("llama.attention.head_count"),
            Integer("llama.attention.head_count_kv"),
            Integer("llama.feed_forward_length"),
            Integer("llama.context_length")));
        var weights = new float[layout.Length];
        foreach (ParameterTensor tensor in layout.Tensors)
        {
            GgufTensor stored = file.Tensor(tensor.Name);
            BlockCodec.Decode(stored.Type, file.Data(stored), tensor.In(weights));
        }

        return (layout, weights, vocabulary);
    }

    private static int[] TokenTypes(BpeVocabulary vocabulary) =>
        [.. Enumerable.Range(0, vocabulary.Tokens.Count).Select(id => id <= BpeVocabulary.MessageEnd ? ControlToken : NormalToken)];
}
