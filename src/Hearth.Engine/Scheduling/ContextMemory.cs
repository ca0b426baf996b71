using Hearth.Engine.Cache;
using Hearth.Engine.Models;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Scheduling;

/// <summary>How much context a model gets, and the memory behind it.</summary>
internal static class ContextMemory
{
    private const double CacheShareOfMemory = 0.25;

    /// <summary>The model's own context, as far as a share of the memory holds its cache.</summary>
    public static int DefaultLength(Decoder decoder, KvElementType type)
    {
        int length = decoder.Config.ContextLength;
        long bytesPerBlock = KvStorage.BytesFor(decoder.CacheLayers, 1, type);
        if (bytesPerBlock == 0)
        {
            return length;
        }

        double budget = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * CacheShareOfMemory;
        return (int)Math.Clamp(budget / bytesPerBlock * KvStorage.BlockTokens, Math.Min(KvStorage.BlockTokens, length), length);
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
