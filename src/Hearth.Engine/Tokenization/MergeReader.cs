using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// Reads the merges of a byte-pair vocabulary: texts with a space between the two sides. Looking up three symbols for each is most of the
/// work of
/// making a tokenizer, so it is spread over the processors; a symbol that is no token is rare, and gets its id afterwards.
/// </summary>
internal static class MergeReader
{
    private const string MergesKey = "tokenizer.ggml.merges";
    private const int ChunkLength = 16384;
    private const int SerialLength = 65536;
    private const int MaxMergeLength = 2 * VocabularyReader.MaxTokenBytes;

    /// <summary>Reads the merges; symbols that are no tokens get ids from the vocabulary's size on.</summary>
    /// <param name="metadata">The file's metadata.</param>
    /// <param name="vocabulary">The tokens; symbols that are none are added to its look-up.</param>
    /// <param name="byteAlphabet">Whether texts are in GPT-2's printable bytes.</param>
    /// <param name="required">Whether there must be merges.</param>
    /// <exception cref="TokenizerException">There are none.</exception>
    public static MergeTable Read(GgufMetadata metadata, Vocabulary vocabulary, bool byteAlphabet, bool required)
    {
        IReadOnlyList<string>? read = metadata.GetStrings(MergesKey);
        if (read is null)
        {
            return required ? throw TokenizerException.MissingKey(MergesKey) : new MergeTable(0);
        }

        string[] merges = read as string[] ?? [.. read];
        Merge[] resolved = new Merge[merges.Length];
        if (merges.Length <= SerialLength)
        {
            Resolve(merges, 0, merges.Length, vocabulary, byteAlphabet, resolved);
        }
        else
        {
            Parallel.ForEach(Partitioner.Create(0, merges.Length, ChunkLength),
                range => Resolve(merges, range.Item1, range.Item2, vocabulary, byteAlphabet, resolved));
        }

        MergeTable table = new(merges.Length);
        int next = vocabulary.Size;
        for (int rank = 0; rank < merges.Length; rank++)
        {
            Merge merge = resolved[rank];
            if (merge.IsValid && Math.Min(Math.Min(merge.Left, merge.Right), merge.Merged) < 0)
            {
                merge = AddSymbols(merges[rank], vocabulary.Matches, byteAlphabet, ref next);
            }

            if (merge.IsValid)
            {
                table.Add(merge.Left, merge.Right, rank, merge.Merged);
            }
        }

        return table;
    }

    private static void Resolve(string[] merges, int start, int end, Vocabulary vocabulary, bool byteAlphabet, Merge[] resolved)
    {
        byte[] buffer = [];
        int last = 0;
        for (int i = start; i < end; i++)
        {
            if (!TryEncode(merges[i], byteAlphabet, ref buffer, out int leftLength, out int length))
            {
                continue;
            }

            // Merges are mostly in the order of the tokens that they make.
            ReadOnlySpan<byte> whole = buffer.AsSpan(0, length);
            int merged = IsText(vocabulary, last, whole) ? last : IsText(vocabulary, last + 1, whole) ? last + 1
                : vocabulary.Matches.Find(whole);
            last = Math.Max(0, merged);
            resolved[i] = new Merge(vocabulary.Matches.Find(whole[..leftLength]), vocabulary.Matches.Find(whole[leftLength..]), merged,
                IsValid: true);
        }
    }

    private static Merge AddSymbols(string merge, ByteStringTable matches, bool byteAlphabet, ref int next)
    {
        byte[] buffer = [];
        TryEncode(merge, byteAlphabet, ref buffer, out int leftLength, out int length);
        ReadOnlySpan<byte> whole = buffer.AsSpan(0, length);
        int left = GetOrAdd(matches, whole[..leftLength], ref next);
        int right = GetOrAdd(matches, whole[leftLength..], ref next);
        return new Merge(left, right, GetOrAdd(matches, whole, ref next), IsValid: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsText(Vocabulary vocabulary, int id, ReadOnlySpan<byte> bytes) =>
        id < vocabulary.Size && vocabulary.Attributes[id] == TokenAttributes.Normal && vocabulary.Piece(id).SequenceEqual(bytes)
        && !vocabulary.FileControls.Contains(id);

    private static bool TryEncode(string merge, bool byteAlphabet, ref byte[] buffer, out int leftLength, out int length)
    {
        leftLength = length = 0;
        int space = merge.Length > 1 ? merge.IndexOf(' ', 1) : -1;
        if (space < 0 || merge.Length > MaxMergeLength)
        {
            return false;
        }

        if (buffer.Length < merge.Length * Utf8Text.MaxBytesPerChar)
        {
            buffer = new byte[Math.Max(256, 2 * merge.Length * Utf8Text.MaxBytesPerChar)];
        }

        if (!byteAlphabet)
        {
            leftLength = Utf8Text.Encode(merge[..space], buffer);
            length = leftLength + Utf8Text.Encode(merge[(space + 1)..], buffer.AsSpan(leftLength));
        }
        else if (GptBytes.TryDecode(merge.AsSpan(0, space), buffer) && GptBytes.TryDecode(merge.AsSpan(space + 1), buffer.AsSpan(space)))
        {
            leftLength = space;
            length = merge.Length - 1;
        }

        return leftLength > 0 && length > leftLength;
    }

    private static int GetOrAdd(ByteStringTable matches, ReadOnlySpan<byte> bytes, ref int next)
    {
        int id = matches.GetOrAdd(bytes, next);
        next += id == next ? 1 : 0;
        return id;
    }

    private readonly record struct Merge(int Left, int Right, int Merged, bool IsValid);
}
