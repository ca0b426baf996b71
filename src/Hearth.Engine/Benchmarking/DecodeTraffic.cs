using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Benchmarking;

/// <summary>
/// The bytes that a step of one token has to read, an estimate from the file's tensors. Every tensor counts whole, except: tables of
/// which a token takes one row (embeddings; but the token embeddings count whole where the file has no <c>output.weight</c>, because they are
/// the output matrix then); of the experts of a layer, as many as a token goes to; layers that do not run. Of the cache, each attention
/// reads the keys and values of the positions that it sees.
/// </summary>
internal sealed class DecodeTraffic
{
    private readonly (CacheRead Read, double BytesPerPosition)[] _reads;

    public DecodeTraffic(IReadOnlyList<GgufTensor> tensors, Decoder decoder, KvElementType type)
    {
        WeightBytes = SumWeights(tensors, decoder.Config);
        _reads = [.. decoder.CacheReads.Select(read =>
            (read, KvStorage.BytesFor([decoder.CacheLayers[read.Layer]], 1, type) / (double)KvStorage.BlockTokens))];
    }

    /// <summary>Bytes of weights.</summary>
    public long WeightBytes { get; }

    /// <summary>Bytes of weights and cache, on average over steps of one token each.</summary>
    /// <param name="depth">Tokens that are in the cache before the first step.</param>
    /// <param name="tokens">Steps.</param>
    public double BytesPerToken(int depth, int tokens)
    {
        double bytes = 0;
        foreach ((CacheRead read, double bytesPerPosition) in _reads)
        {
            for (int position = depth; position < depth + tokens; position++)
            {
                bytes += read.VisiblePositions(position) * bytesPerPosition;
            }
        }

        return WeightBytes + (bytes / tokens);
    }

    internal static long SumWeights(IReadOnlyList<GgufTensor> tensors, ModelConfig config)
    {
        bool tied = !tensors.Any(tensor => tensor.Name == "output.weight");
        double bytes = 0;
        foreach (GgufTensor tensor in tensors)
        {
            string[] parts = tensor.Name.Split('.');
            bool runs = !(parts[0] == "blk" && int.TryParse(parts[1], out int layer) && layer >= config.LayerCount);
            bytes += !runs ? 0
                : IsTable(parts[0]) && !(parts[0] == "token_embd" && tied) ? tensor.ByteLength * ((double)tensor.Columns / tensor.Elements)
                : IsExperts(parts) ? tensor.ByteLength * Math.Min(1, (double)config.ExpertUsedCount / tensor.Dimensions[^1])
                : tensor.ByteLength;
        }

        return (long)bytes;
    }

    private static bool IsTable(string name) => name is "token_embd" or "position_embd" or "token_types" or "per_layer_token_embd";

    // Matrices of experts are stacks, and their biases a row for each.
    private static bool IsExperts(string[] parts) => parts.Length > 2 && parts[2].EndsWith("exps", StringComparison.Ordinal);
}
