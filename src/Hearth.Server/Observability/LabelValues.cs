namespace Hearth.Server.Observability;

/// <summary>The values of a series' labels, in the order of their names.</summary>
/// <param name="values">The values.</param>
internal readonly struct LabelValues(params string[] values) : IEquatable<LabelValues>
{
    /// <summary>Of a metric without labels.</summary>
    public static LabelValues None { get; } = new([]);

    /// <summary>The values.</summary>
    public IReadOnlyList<string> Values => values;

    /// <inheritdoc/>
    public bool Equals(LabelValues other) => Values.SequenceEqual(other.Values, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LabelValues other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (string value in values)
        {
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }
}
