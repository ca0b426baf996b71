namespace Hearth.Engine.Tokenization;

/// <summary>
/// Finds special tokens in a text. The longest tokens go first, each taking what it finds from left to right in the text that is still
/// free:
/// so a longer token wins over one that begins before it. An Aho-Corasick automaton first tells which tokens are in the text at all, so
/// that the cost does not grow
/// with the number of special tokens.
/// </summary>
internal sealed class SpecialTokenMatcher
{
    private readonly Special[] _specials;
    private readonly Lazy<SpecialTokenAutomaton> _automaton;

    /// <param name="specials">The tokens; those without text are left out.</param>
    public SpecialTokenMatcher(IEnumerable<Special> specials)
    {
        _specials = [.. specials.Where(special => special.Text.Length > 0)];
        Array.Sort(_specials, static (a, b) => a.ByteLength != b.ByteLength ? b.ByteLength.CompareTo(a.ByteLength) : a.Id.CompareTo(b.Id));
        _automaton = new(() => new SpecialTokenAutomaton(Array.ConvertAll(_specials, special => special.Text)));
    }

    /// <summary>Cuts a text into special tokens and the text between them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="allows">Whether a token may be taken at a place in the text.</param>
    public List<Fragment> Split(string text, Func<Special, int, bool> allows)
    {
        List<Fragment> fragments = [];
        if (text.Length == 0)
        {
            return fragments;
        }

        fragments.Add(new Fragment(0, text.Length, Fragment.Text));
        if (_specials.Length == 0)
        {
            return fragments;
        }

        List<Fragment> next = [];
        foreach (int index in _automaton.Value.FindAll(text))
        {
            next.Clear();
            foreach (Fragment fragment in fragments)
            {
                if (fragment.Token == Fragment.Text && fragment.Length >= _specials[index].Text.Length)
                {
                    SplitFragment(text, fragment, _specials[index], allows, next);
                }
                else
                {
                    next.Add(fragment);
                }
            }

            (fragments, next) = (next, fragments);
        }

        return fragments;
    }

    private static void SplitFragment(
        string text, Fragment fragment, Special special, Func<Special, int, bool> allows, List<Fragment> output)
    {
        int start = fragment.Start, end = fragment.Start + fragment.Length;
        int search = start;
        while (search < end)
        {
            int found = text.AsSpan(search, end - search).IndexOf(special.Text, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            int position = search + found;
            if (!allows(special, position))
            {
                search = position + 1;
                continue;
            }

            int left = position;
            while ((special.Attributes & TokenAttributes.StripLeft) != 0 && left > start && IsSpace(text[left - 1]))
            {
                left--;
            }

            if (left > start)
            {
                output.Add(new Fragment(start, left - start, Fragment.Text));
            }

            output.Add(new Fragment(position, special.Text.Length, special.Id));
            start = position + special.Text.Length;
            while ((special.Attributes & TokenAttributes.StripRight) != 0 && start < end && IsSpace(text[start]))
            {
                start++;
            }

            search = start;
        }

        if (start < end)
        {
            output.Add(new Fragment(start, end - start, Fragment.Text));
        }
    }

    private static bool IsSpace(char character) => character is ' ' or (>= '\t' and <= '\r');

    /// <summary>A token to look for.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Text">Its text.</param>
    /// <param name="ByteLength">The bytes of its text in UTF-8.</param>
    /// <param name="Attributes">What it is.</param>
    internal sealed record Special(int Id, string Text, int ByteLength, TokenAttributes Attributes);

    /// <summary>A part of a text.</summary>
    /// <param name="Start">Where it begins.</param>
    /// <param name="Length">Its length.</param>
    /// <param name="Token">The special token that it is, or <see cref="Text"/>.</param>
    internal readonly record struct Fragment(int Start, int Length, int Token)
    {
        /// <summary>No special token.</summary>
        public const int Text = -1;
    }
}
