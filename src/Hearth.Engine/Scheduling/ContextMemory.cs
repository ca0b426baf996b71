using Hearth.Engine.Cache;
using Hearth.Engine.Models;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Scheduling;

/// <summary>How much context a model gets, and the memory behind it.</summary>
internal static class ContextMemory
{
    private const double CacheShareOfMemory = 0.25;

    /// <summary>The model's own context, as far as a share of the memory holds its cache.</summary>
    public static int DefaultLength(Decoder decoder, KvElementType type) => DefaultLength(decoder.Config.ContextLength, decoder.CacheLayers, type);

    /// <summary>The model's own context, as far as a share of the memory holds its cache.</summary>
    /// <param name="length">The model's own context.</param>
    /// <param name="layers">The layers with attention.</param>
    /// <param name="type">How keys and values are kept.</param>
    public static int DefaultLength(int length, IReadOnlyList<KvLayerShape> layers, KvElementType type)
    {
        long bytesPerBlock = KvStorage.BytesFor(layers, 1, type);
        if (bytesPerBlock == 0)
        {
            return length;
        }

        double budget = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * CacheShareOfMemory;
        return (int)Math.Clamp(budget / bytesPerBlock * KvStorage.BlockTokens, Math.Min(KvStorage.BlockTokens, length), length);
    }

    /// <summary>Positions that the cache of a model that continues text holds: of all sequences, and at least of one whole context.</summary>
    /// <param name="layers">The layers with attention.</param>
    /// <param name="contextLength">Tokens of context of one sequence.</param>
    /// <param name="options">What is asked for.</param>
    public static long PositionsFor(IReadOnlyList<KvLayerShape> layers, int contextLength, LanguageModelOptions options)
    {
        long wanted = (long)contextLength * Math.Max(1, options.Parallel);
        long bytesPerBlock = KvStorage.BytesFor(layers, 1, options.CacheType);
        if (bytesPerBlock == 0)
        {
            return wanted;
        }

        double bytes = options.CacheBytes ?? (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * CacheShareOfMemory);
        long held = (long)Math.Min(bytes / bytesPerBlock * KvStorage.BlockTokens, long.MaxValue / 2);
        return Math.Max(contextLength, options.CacheBytes is null ? Math.Min(wanted, held) : held);
    }

    /// <summary>Sets the context in force and makes a cache.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="contextLength">Tokens of context of one sequence.</param>
    /// <param name="positions">Positions that the cache holds, of all sequences.</param>
    /// <param name="type">How keys and values are kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">The context is below 1.</exception>
    /// <exception cref="ModelException">The model has no positions for such a context.</exception>
    /// <exception cref="ContextMemoryException">The cache needs more memory than there is.</exception>
    public static KvPool Create(Decoder decoder, int contextLength, long positions, KvElementType type)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 1);
        if (decoder.PositionCount is int most && contextLength > most)
        {
            throw ModelException.ContextBeyondPositions(contextLength, most);
        }

        long blocks = (positions + KvStorage.BlockTokens - 1) / KvStorage.BlockTokens;
        Int128 needed = (Int128)KvStorage.BytesFor(decoder.CacheLayers, 1, type) * blocks;
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed > available)
        {
            throw new ContextMemoryException(contextLength, needed, available);
        }

        decoder.UseContext(contextLength);
        return decoder.CreateCache((int)blocks, type);
    }
}
