namespace Hearth.Engine.Cache;

/// <summary>Chooses what of a cache is worth keeping when the model goes.</summary>
internal static class HotPrefixes
{
    /// <summary>Bytes of keys and values that are kept at most.</summary>
    public const long MaxBytes = 1L << 30;

    /// <summary>The blocks that sequences found which had not made them, and all before these; those found most often first, each behind the one it
    /// follows.</summary>
    public static int[] Choose(KvPool pool, int root)
    {
        PrefixIndex prefixes = pool.Prefixes;
        long most = MaxBytes / Math.Max(1, pool.Storage.BlockBytes + ((long)pool.States.Length * sizeof(float)));
        HashSet<int> chosen = [];
        List<int> ordered = [];
        List<int> chain = [];
        foreach (int block in Enumerable.Range(0, pool.Storage.Blocks).Where(block => prefixes.HitsOf(block) > 0).OrderByDescending(prefixes.HitsOf))
        {
            chain.Clear();
            int at = block;
            for (; at >= 0 && !chosen.Contains(at); at = prefixes.ParentOf(at))
            {
                chain.Add(at);
            }

            if ((at < 0 && at != root) || chosen.Count + chain.Count > most)
            {
                continue;
            }

            chain.Reverse();
            chosen.UnionWith(chain);
            ordered.AddRange(chain);
        }

        return [.. ordered];
    }
}
