using System.Runtime.CompilerServices;
using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>A splitter that finds one match after another; code points that begin no match gather in gaps.</summary>
internal abstract class PatternSplitter : TextSplitter
{
    /// <summary>No match begins here.</summary>
    protected const int NoMatch = -1;

    /// <inheritdoc/>
    public override void Split(CodePointText text, int start, int end, List<int> ends)
    {
        Piece piece = new(text.CodePoints[..end], text.Classes[..end]);
        int position = start, gap = start;
        while (position < end)
        {
            int matched = Match(piece, position);
            if (matched < 0)
            {
                position++;
                continue;
            }

            if (position > gap)
            {
                ends.Add(position);
            }

            ends.Add(matched);
            position = gap = matched;
        }

        if (end > gap)
        {
            ends.Add(end);
        }
    }

    /// <summary>The end of the match that begins at a position, or <see cref="NoMatch"/>; a match is never empty.</summary>
    protected abstract int Match(in Piece piece, int position);

    /// <summary>A view of the text that ends where the piece ends.</summary>
    protected readonly ref struct Piece(ReadOnlySpan<int> codePoints, ReadOnlySpan<CharacterClass> classes)
    {
        private readonly ReadOnlySpan<int> _codePoints = codePoints;
        private readonly ReadOnlySpan<CharacterClass> _classes = classes;

        /// <summary>Where the piece ends.</summary>
        public int End => _codePoints.Length;

        /// <summary>The code point at a position; -1 at and after the end.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int At(int position) => (uint)position < (uint)_codePoints.Length ? _codePoints[position] : -1;

        /// <summary>The class at a position; none at and after the end.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public CharacterClass ClassAt(int position) => (uint)position < (uint)_classes.Length ? _classes[position] : CharacterClass.None;

        /// <summary>Whether the code point at a position is of one of the classes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Is(int position, CharacterClass classes) => (ClassAt(position) & classes) != 0;

        /// <summary>Whether there is a code point at a position, and it is of none of the classes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool IsOther(int position, CharacterClass classes)
        {
            CharacterClass found = ClassAt(position);
            return found != CharacterClass.None && (found & classes) == 0;
        }

        /// <summary>Where a run of code points of the classes ends.</summary>
        public int SkipRun(int position, CharacterClass classes)
        {
            while (Is(position, classes))
            {
                position++;
            }

            return position;
        }

        /// <summary>Where a run of code points of none of the classes ends.</summary>
        public int SkipOthers(int position, CharacterClass classes)
        {
            while (IsOther(position, classes))
            {
                position++;
            }

            return position;
        }

        /// <summary>Whether a carriage return or a line feed is at a position.</summary>
        public bool IsNewline(int position) => At(position) is '\r' or '\n';

        /// <summary>The end of <c>'s|'t|'re|'ve|'m|'ll|'d</c> at a position, or <see cref="NoMatch"/>.</summary>
        public int Contraction(int position, bool ignoreCase)
        {
            if (At(position) != '\'')
            {
                return NoMatch;
            }

            int caseBit = ignoreCase ? 0x20 : 0;
            int first = Fold(At(position + 1), caseBit);
            if (first is 's' or 't' or 'm' or 'd')
            {
                return position + 2;
            }

            return (first, Fold(At(position + 2), caseBit)) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? position + 3 : NoMatch;
        }

        /// <summary>
        /// The end of <c>\s*[\r\n]+|\s+(?!\S)|\s+</c> at a position, or <see cref="NoMatch"/>: up to the last newline of the run; else all
        /// but the last white space when more text follows.
        /// </summary>
        public int WhiteSpace(int position, bool newlinesFirst)
        {
            int end = position, afterNewline = NoMatch;
            while (Is(end, CharacterClass.WhiteSpace))
            {
                if (IsNewline(end++))
                {
                    afterNewline = end;
                }
            }

            if (end == position)
            {
                return NoMatch;
            }

            if (newlinesFirst && afterNewline > 0)
            {
                return afterNewline;
            }

            return end - position > 1 && end < End ? end - 1 : end;
        }

        private static int Fold(int codePoint, int caseBit) => codePoint is >= 'A' and <= 'Z' ? codePoint | caseBit : codePoint;
    }
}
