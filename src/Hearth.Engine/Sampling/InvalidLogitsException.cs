using System.Numerics;

namespace Hearth.Engine.Sampling;

/// <summary>No token can be sampled: the logits have a value that is not a number or is infinite, or every token is excluded.</summary>
public sealed class InvalidLogitsException : Exception
{
    private InvalidLogitsException(string message, int? token, float value)
        : base(message)
    {
        Token = token;
        Value = value;
    }

    /// <summary>The first token with an unusable logit; null if every token is excluded.</summary>
    public int? Token { get; }

    /// <summary>The unusable logit; negative infinity if every token is excluded.</summary>
    public float Value { get; }

    /// <summary>Checks that every logit is finite or minus infinity.</summary>
    /// <exception cref="InvalidLogitsException">One is not.</exception>
    internal static void ThrowIfUnusable(ReadOnlySpan<float> logits)
    {
        var i = 0;
        var infinity = new Vector<float>(float.PositiveInfinity);
        while (i <= logits.Length - Vector<float>.Count && Vector.LessThanAll(new Vector<float>(logits[i..]), infinity))
        {
            i += Vector<float>.Count;
        }

        for (; i < logits.Length; i++)
        {
            if (!(logits[i] < float.PositiveInfinity))
            {
                throw NotANumber(i, logits[i]);
            }
        }
    }

    internal static InvalidLogitsException NothingLeft() => new(
        "Every token is excluded (all logits are -infinity); expected at least one. Check logit_bias and the grammar.",
        null,
        float.NegativeInfinity);

    private static InvalidLogitsException NotANumber(int token, float value) => new(
        $"The model computed the logit {value} for token {token}; expected a finite number. The model file may be damaged.", token, value);
}
