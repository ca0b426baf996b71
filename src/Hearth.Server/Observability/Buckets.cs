namespace Hearth.Server.Observability;

/// <summary>Bounds of histograms. Those of OpenTelemetry's conventions for generative AI are in them, and finer ones below: small models are faster.</summary>
internal static class Buckets
{
    /// <summary>Seconds that a request takes.</summary>
    public static IReadOnlyList<double> Request { get; } = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    /// <summary>Seconds until the first token.</summary>
    public static IReadOnlyList<double> FirstToken { get; } = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>Seconds for each further token.</summary>
    public static IReadOnlyList<double> NextToken { get; } = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

    /// <summary>Seconds that loading takes.</summary>
    public static IReadOnlyList<double> Load { get; } = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100];

    /// <summary>Tokens of a request.</summary>
    public static IReadOnlyList<double> Tokens { get; } = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];
}
