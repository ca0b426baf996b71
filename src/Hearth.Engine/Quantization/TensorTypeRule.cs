using System.Text.RegularExpressions;
using Hearth.Kernels.Formats;

namespace Hearth.Engine.Quantization;

/// <summary>A type for the tensors whose names match a pattern.</summary>
public sealed class TensorTypeRule
{
    private readonly Regex _pattern;

    /// <summary>A rule.</summary>
    /// <param name="pattern">A regular expression that is found anywhere in a name, in any case. Not backtracking: no look-around.</param>
    /// <param name="type">The type.</param>
    /// <exception cref="QuantizationException">The pattern is not such an expression, or the type cannot be written.</exception>
    public TensorTypeRule(string pattern, TensorType type)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        try
        {
            _pattern = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw QuantizationException.InvalidPattern(pattern, exception);
        }

        Type = QuantizationPlan.Writable(type);
    }

    /// <summary>The type.</summary>
    public TensorType Type { get; }

    /// <summary>A rule from <c>PATTERN=TYPE</c>.</summary>
    /// <exception cref="QuantizationException">It has not that form, or a part of it is wrong.</exception>
    public static TensorTypeRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int separator = text.LastIndexOf('=');
        return separator > 0
            ? new TensorTypeRule(text[..separator], QuantizationPlan.ParseType(text[(separator + 1)..]))
            : throw QuantizationException.InvalidRule(text);
    }

    /// <summary>Whether the rule is about a tensor.</summary>
    public bool Matches(string name) => _pattern.IsMatch(name);
}
