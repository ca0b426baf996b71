using System.Text;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// Removes spaces that tokenization put before punctuation (<c>clean_up_tokenization_spaces</c>): before <c>? ! . ,</c>, around a lone
/// apostrophe,
/// and before <c>'s 'm 're 've</c>.
/// </summary>
public static class TextCleaner
{
    /// <summary>The text without such spaces.</summary>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = Filter(text, static (all, i) => all[i] is '?' or '!' or '.' or ',', dropFollowing: false);
        text = Filter(text, static (all, i) => all[i] == '\'' && i + 1 < all.Length && all[i + 1] == ' ', dropFollowing: true);
        return Filter(text, static (all, i) => IsContraction(all.AsSpan(i)), dropFollowing: false);
    }

    private static bool IsContraction(ReadOnlySpan<char> text) =>
        text.StartsWith("'s") || text.StartsWith("'m") || text.StartsWith("'re") || text.StartsWith("'ve");

    private static string Filter(string text, Func<string, int, bool> joins, bool dropFollowing)
    {
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (i > 0 && text[i - 1] == ' ' && joins(text, i))
            {
                result.Length--;
                result.Append(text[i]);
                i += dropFollowing ? 1 : 0;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }
}
