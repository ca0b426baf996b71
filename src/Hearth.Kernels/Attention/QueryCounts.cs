namespace Hearth.Kernels.Attention;

/// <summary>How many queries an inner loop takes at once: a constant, so that the loops of few queries do no work for more.</summary>
internal interface IQueryCount
{
    static abstract int Value { get; }
}

/// <summary>One.</summary>
internal readonly struct OneQuery : IQueryCount
{
    public static int Value => 1;
}

/// <summary>Two.</summary>
internal readonly struct TwoQueries : IQueryCount
{
    public static int Value => 2;
}

/// <summary>Three.</summary>
internal readonly struct ThreeQueries : IQueryCount
{
    public static int Value => 3;
}

/// <summary>Four.</summary>
internal readonly struct FourQueries : IQueryCount
{
    public static int Value => 4;
}

/// <summary>Eight; only where there are registers for them.</summary>
internal readonly struct EightQueries : IQueryCount
{
    public static int Value => 8;
}
