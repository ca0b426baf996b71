namespace Hearth.Engine.Sampling;

/// <summary>A sampling option has a value that cannot be used.</summary>
public sealed class SamplingOptionException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="option">The name of the option: a property of <see cref="SamplingOptions"/>, or a surface's own name for it.</param>
    /// <param name="value">The value that was found.</param>
    /// <param name="expected">What was expected, as a noun phrase: "a number from 0 to 1".</param>
    public SamplingOptionException(string option, string value, string expected)
        : base($"{option} is {value}; expected {expected}.")
    {
        Option = option;
        Value = value;
        Expected = expected;
    }

    /// <summary>The name of the option.</summary>
    public string Option { get; }

    /// <summary>The value that was found.</summary>
    public string Value { get; }

    /// <summary>What was expected.</summary>
    public string Expected { get; }

    /// <summary>The same error with the option's name on a surface: <c>error.Rename(SamplingOptionNames.ToRequestField)</c>.</summary>
    public SamplingOptionException Rename(Func<string, string> rename)
    {
        ArgumentNullException.ThrowIfNull(rename);
        return new SamplingOptionException(rename(Option), Value, Expected);
    }
}
