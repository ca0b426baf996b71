namespace Hearth.Cli.Diagnosis;

/// <summary>How something that was looked at is.</summary>
internal enum FindingState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, but not all of it, or not well.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,
}

/// <summary>Something that was looked at.</summary>
/// <param name="Name">What it is.</param>
/// <param name="State">How it is.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Advice">What to do; null for nothing.</param>
internal sealed record Finding(string Name, FindingState State, string Detail, string? Advice = null)
{
    public static Finding Ok(string name, string detail) => new(name, FindingState.Ok, detail);

    public static Finding Warning(string name, string detail, string advice) => new(name, FindingState.Warning, detail, advice);

    public static Finding Failed(string name, string detail, string advice) => new(name, FindingState.Failed, detail, advice);
}
