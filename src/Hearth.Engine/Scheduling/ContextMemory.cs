using Hearth.Engine.Cache;
using Hearth.Engine.Models;
using Hearth.Kernels.Attention;

namespace Hearth.Engine.Scheduling;

/// <summary>How much context a model gets, and the memory behind it.</summary>
internal static class ContextMemory
{
    private const double CacheShareOfMemory = 0.25;
    private const int MaxDefaultContexts = 4;
    private const double MaxPositions = 1 << 30;

    /// <summary>The model's own context, as far as the cache's share of the memory, or the bytes that it was given, hold it.</summary>
    /// <param name="length">The model's own context.</param>
    /// <param name="layers">The layers with attention.</param>
    /// <param name="options">What is asked for.</param>
    public static int DefaultLength(int length, IReadOnlyList<KvLayerShape> layers, LanguageModelOptions options) =>
        (int)Math.Clamp(PositionsInBudget(layers, options), Math.Min(KvStorage.BlockTokens, length), length);

    /// <summary>
    /// Positions of the cache of a model that continues text: as many as its bytes hold, else some whole contexts as far as there is memory;
    /// one context always.
    /// </summary>
    /// <param name="layers">The layers with attention.</param>
    /// <param name="contextLength">Tokens of context of one sequence.</param>
    /// <param name="options">What is asked for.</param>
    public static long PositionsFor(IReadOnlyList<KvLayerShape> layers, int contextLength, LanguageModelOptions options)
    {
        long context = KvPool.BlocksFor(contextLength) * KvStorage.BlockTokens;
        long usual = context * Math.Clamp(options.Parallel, 1, MaxDefaultContexts);
        double affordable = PositionsInBudget(layers, options);
        double positions = options.CacheBytes is null || double.IsInfinity(affordable) ? Math.Min(affordable, usual) : affordable;
        return (long)Math.Clamp(positions, context, Math.Max(context, MaxPositions));
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

    private static double PositionsInBudget(IReadOnlyList<KvLayerShape> layers, LanguageModelOptions options)
    {
        long bytesPerBlock = KvStorage.BytesFor(layers, 1, options.CacheType);
        double budget = options.CacheBytes ?? (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * CacheShareOfMemory);
        return bytesPerBlock == 0 ? double.PositiveInfinity : Math.Floor(budget / bytesPerBlock) * KvStorage.BlockTokens;
    }
}
