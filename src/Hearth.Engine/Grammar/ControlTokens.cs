using System.Text;
using Hearth.Engine.Grammar.Automata;

namespace Hearth.Engine.Grammar;

/// <summary>
/// Control tokens in grammars: a byte that UTF-8 never has, their text, and that byte again. So no text is ever taken for one, and none for text.
/// </summary>
internal static class ControlTokens
{
    /// <summary>The byte on both sides.</summary>
    public const byte Delimiter = 0xFF;

    private const byte Below = Delimiter - 1;

    /// <summary>A byte of anything but a control token.</summary>
    public static Expression TextByte { get; } = Expression.Bytes(byte.MinValue, Below);

    /// <summary>Any control token.</summary>
    public static Expression Any { get; } = Expression.Sequence(
        Expression.Bytes(Delimiter, Delimiter), Expression.Repeat(TextByte, 1, null), Expression.Bytes(Delimiter, Delimiter));

    /// <summary>The bytes of a control token.</summary>
    /// <param name="text">Its text in the vocabulary.</param>
    public static byte[] Bytes(string text) => [Delimiter, .. Encoding.UTF8.GetBytes(text), Delimiter];

    /// <summary>A control token.</summary>
    /// <param name="text">Its text in the vocabulary.</param>
    public static Expression Of(string text) => Expression.Sequence(
        Expression.Bytes(Delimiter, Delimiter), Expression.Literal(text), Expression.Bytes(Delimiter, Delimiter));
}
