using Hearth.Server.Errors;

namespace Hearth.Server.Files;

/// <summary>OpenAI's way to say how long something stays: seconds after it came.</summary>
internal static class Lifetime
{
    private const long MinSeconds = 3600;
    private const long MaxSeconds = 30 * 24 * 3600;

    /// <summary>Reads it.</summary>
    /// <param name="anchor">From when on.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="name">The field.</param>
    /// <exception cref="ApiException">It makes no sense.</exception>
    public static TimeSpan Read(string? anchor, long? seconds, string name) =>
        anchor != "created_at" ? throw ApiException.Invalid($"'{name}.anchor' must be 'created_at'.", $"{name}.anchor", "invalid_value")
        : seconds is >= MinSeconds and <= MaxSeconds ? TimeSpan.FromSeconds(seconds.Value)
        : throw ApiException.Invalid($"'{name}.seconds' must be a whole number from {MinSeconds} to {MaxSeconds}.", $"{name}.seconds", "invalid_value");
}
