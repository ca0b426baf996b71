using System.Globalization;
using System.Text;

namespace Hearth.Server.Ui.Chat;

/// <summary>A token as it is shown: its text, its colour and what is said of it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Class">Its colour, by how probable it was.</param>
/// <param name="Label">The same in words.</param>
/// <param name="Breaks">Whether a line ends with it.</param>
internal sealed record TokenShown(string Text, string Class, string Label, bool Breaks)
{
    private const int Shades = 10;
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Describes a token.</summary>
    public static TokenShown Of(TokenChoice token)
    {
        double probability = Math.Exp(token.LogProbability);
        int shade = Math.Clamp((int)(probability * Shades), 0, Shades - 1);
        string place = token.Rank == 0 ? "the likeliest" : $"number {(token.Rank + 1).ToString(CultureInfo.InvariantCulture)}";
        string visible = Visible(token);
        return new TokenShown(
            visible,
            string.Create(CultureInfo.InvariantCulture, $"token p{shade}{(token.Rank == 0 ? string.Empty : " off")}"),
            string.Create(CultureInfo.InvariantCulture, $"{visible}, {100 * probability:0.0} percent, {place}"),
            Encoding.UTF8.GetString(token.Bytes).Contains('\n', StringComparison.Ordinal));
    }

    /// <summary>A token's text, with signs for what cannot be seen.</summary>
    public static string Visible(TokenChoice token)
    {
        try
        {
            string text = s_strict.GetString(token.Bytes);
            return text.Length == 0 ? "∅" : text.Replace("\n", "⏎", StringComparison.Ordinal).Replace("\t", "⇥", StringComparison.Ordinal).Replace("\r", "␍", StringComparison.Ordinal);
        }
        catch (DecoderFallbackException)
        {
            return string.Join(' ', token.Bytes.Select(value => value.ToString("X2", CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Whether the text ends with a whole character if a token is replaced, so that an answer can go on from there.</summary>
    public static bool IsWhole(IReadOnlyList<TokenChoice> tokens, int index, TokenChoice instead)
    {
        try
        {
            return instead.Bytes.Length > 0 && s_strict.GetString([.. tokens.Take(index).SelectMany(token => token.Bytes), .. instead.Bytes]).Length > 0;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
