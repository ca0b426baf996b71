using System.Text;
using Hearth.Engine.Gguf;

namespace Hearth.Engine.Tokenization;

/// <summary>
/// Turns text into tokens and back, as a model's vocabulary says. It is not changed after it is made, so any number of threads may use it.
/// </summary>
public sealed class Tokenizer
{
    private readonly Vocabulary? _vocabulary;
    private readonly TextEncoder? _encoder;
    private readonly SpecialTokenMatcher _matcher;
    private readonly SpecialTokenMatcher _userDefinedMatcher;

    private Tokenizer(TokenizerSettings settings, Vocabulary? vocabulary, TextEncoder? encoder, SpecialTokens special, int vocabularySize)
    {
        _vocabulary = vocabulary;
        _encoder = encoder;
        Kind = settings.Kind;
        Special = special;
        VocabularySize = vocabularySize;
        AddSpacePrefix = settings.AddSpacePrefix;
        RemoveExtraWhiteSpace = settings.RemoveExtraWhiteSpace;
        CleanUpSpaces = settings.CleanUpSpaces;
        Warnings = settings.Warnings;
        _matcher = Matcher(TokenAttributes.Control | TokenAttributes.Unknown | TokenAttributes.UserDefined, TokenAttributes.None);
        _userDefinedMatcher = Matcher(TokenAttributes.UserDefined, Restricted);
    }

    /// <summary>The number of tokens; ids are 0 to one less.</summary>
    public int VocabularySize { get; }

    /// <summary>How tokens match text.</summary>
    public TokenizerKind Kind { get; }

    /// <summary>The kind as the field names it: <c>SPM</c>, <c>BPE</c>, <c>WPM</c>, <c>UGM</c>, <c>RWKV</c>,
    /// <c>PLaMo2</c>, or <c>NONE</c>.</summary>
    public string ModelKind => NameOf(Kind);

    /// <summary>The special tokens.</summary>
    public SpecialTokens Special { get; }

    /// <summary>Whether text that begins a prompt or follows a special token gets a leading space.</summary>
    public bool AddSpacePrefix { get; }

    /// <summary>Whether the model's normaliser counts repeated white space once (<c>tokenizer.ggml.remove_extra_whitespaces</c>).</summary>
    public bool RemoveExtraWhiteSpace { get; }

    /// <summary>Whether text is usually cleaned up after it was decoded; see <see cref="TextCleaner"/>.</summary>
    public bool CleanUpSpaces { get; }

    /// <summary>What the user should know about this vocabulary.</summary>
    public IReadOnlyList<string> Warnings { get; }

    private static TokenAttributes Restricted => TokenAttributes.Control | TokenAttributes.Unknown;

    /// <summary>Makes the tokenizer that a file describes.</summary>
    /// <exception cref="TokenizerException">The description is not complete, contradicts itself, or names something that is not
    /// supported.</exception>
    /// <exception cref="GgufException">A value is of another type than its key requires.</exception>
    public static Tokenizer Create(GgufMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        TokenizerSettings settings = TokenizerSettings.Read(metadata);
        if (settings.Kind == TokenizerKind.None)
        {
            long size = metadata.GetInteger($"{metadata.GetString("general.architecture")}.vocab_size") ?? 0;
            return size is >= 0 and <= VocabularyReader.MaxTokens
                ? new Tokenizer(settings, vocabulary: null, encoder: null, SpecialTokens.None, (int)size)
                : throw TokenizerException.VocabularySize(size, VocabularyReader.MaxTokens);
        }

        string[] texts = VocabularyReader.ReadTexts(metadata);
        TokenAttributes[] attributes = VocabularyReader.ReadAttributes(metadata, texts.Length);
        HashSet<int> fileControls = [];
        for (int id = 0; id < texts.Length; id++)
        {
            if ((attributes[id] & Restricted) != 0)
            {
                fileControls.Add(id);
            }
        }

        SpecialTokenReader reader = new(metadata, texts, attributes);
        SpecialTokens special = reader.Read(settings.Defaults, settings.PreTokenizer?.ForceBos ?? false);
        reader.ReadStripping();
        if (settings.Kind is TokenizerKind.Rwkv or TokenizerKind.Plamo2)
        {
            special = special with { AddBos = false, AddEos = false };
        }

        int marksAfter = settings.Model == TokenizerSettings.DnaModel ? DnaEncoder.SequencesAfter(texts) : int.MaxValue;
        TokenForm form = TextEncoders.FormOf(settings);
        Vocabulary vocabulary = VocabularyReader.Read(metadata, texts, attributes, fileControls, form, marksAfter);
        return new Tokenizer(settings, vocabulary, TextEncoders.Create(metadata, settings, vocabulary, special), special, texts.Length);
    }

    /// <summary>Encodes a text.</summary>
    /// <param name="text">The text; a lone surrogate counts as U+FFFD.</param>
    /// <param name="addSpecial">Whether the tokens that a prompt begins and ends with are added, as the model says.</param>
    /// <param name="parseSpecial">
    /// Whether control tokens in the text are recognised. When not, they are plain text; user-defined tokens are always recognised.
    /// Where text of several origins is mixed, use <see cref="Encode(ReadOnlySpan{PromptSegment}, bool)"/>.
    /// </param>
    /// <exception cref="TokenizerException">The model has no vocabulary.</exception>
    public List<int> Encode(string text, bool addSpecial, bool parseSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode(text, parseSpecial ? _matcher : _userDefinedMatcher, static (_, _) => true, addSpecial, new EncodeBuffers());
    }

    /// <summary>
    /// Encodes a prompt that is made of parts. It is one text: words and merges cross the parts' borders. But control tokens are only
    /// recognised inside parts that
    /// allow them; in the others also no token is recognised that the file marks as control, or that looks like a marker
    /// (<c>&lt;|...|&gt;</c>).
    /// </summary>
    /// <param name="segments">The parts, in order.</param>
    /// <param name="addSpecial">Whether the tokens that a prompt begins and ends with are added, as the model says.</param>
    /// <exception cref="TokenizerException">The model has no vocabulary.</exception>
    public List<int> Encode(ReadOnlySpan<PromptSegment> segments, bool addSpecial)
    {
        StringBuilder text = new();
        List<int> ends = new(segments.Length);
        List<bool> allowed = new(segments.Length);
        foreach (PromptSegment segment in segments)
        {
            text.Append(segment.Text);
            ends.Add(text.Length);
            allowed.Add(segment.AllowSpecial);
        }

        bool Allows(SpecialTokenMatcher.Special special, int position)
        {
            if (!IsStructural(special))
            {
                return true;
            }

            // The segment that has the first character: empty ones end where they begin.
            int index = ends.BinarySearch(position + 1);
            index = index < 0 ? ~index : index;
            while (index > 0 && ends[index - 1] > position)
            {
                index--;
            }

            return allowed[index] && position + special.Text.Length <= ends[index];
        }

        return Encode(text.ToString(), _matcher, Allows, addSpecial, new EncodeBuffers());
    }

    /// <summary>The text that the vocabulary has for a token; not always the text that it writes.</summary>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public string TokenText(int id) => _vocabulary is null ? "" : _vocabulary.Texts[Checked(id)];

    /// <summary>The bytes that a token writes, special or not; they may be a part of a UTF-8 character.</summary>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public ReadOnlySpan<byte> TokenBytes(int id) => _vocabulary is null ? [] : _vocabulary.Piece(Checked(id));

    /// <summary>What a token is.</summary>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public TokenAttributes AttributesOf(int id) => _vocabulary is null ? TokenAttributes.None : _vocabulary.Attributes[Checked(id)];

    /// <summary>Whether a token is structure, not text.</summary>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public bool IsControl(int id) => (AttributesOf(id) & TokenAttributes.Control) != 0;

    /// <summary>Whether a token is only written when special tokens are asked for.</summary>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public bool IsHidden(int id) => (AttributesOf(id) & Restricted) != 0;

    /// <summary>Whether a token ends an answer.</summary>
    public bool IsEndOfGeneration(int id) => Special.EndOfGeneration.Contains(id);

    /// <summary>The token whose vocabulary text is this one, or null. It looks at every token: keep what it finds.</summary>
    public int? FindToken(string text)
    {
        int index = _vocabulary is null ? -1 : Array.IndexOf(_vocabulary.Texts, text);
        return index < 0 ? null : index;
    }

    /// <summary>The bytes of a text that begins with the first token: the leading space that <see cref="AddSpacePrefix"/> added is
    /// removed.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="includeSpecial">Whether special tokens are written.</param>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public byte[] Decode(IEnumerable<int> tokens, bool includeSpecial)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        List<byte> bytes = [];
        bool begins = AddSpacePrefix || Kind == TokenizerKind.Wpm;
        foreach (int token in tokens)
        {
            if (!includeSpecial && IsHidden(token))
            {
                continue;
            }

            ReadOnlySpan<byte> piece = TokenBytes(token);
            bool strip = begins && (AttributesOf(token) & TokenAttributes.Normal) != 0 && piece.Length > 0 && piece[0] == ' ';
            bytes.AddRange(strip ? piece[1..] : piece);
            begins &= IsHidden(token);
        }

        return [.. bytes];
    }

    /// <summary>The text of tokens, as <see cref="Decode"/> gives its bytes; what is not UTF-8 becomes U+FFFD. WordPiece text is cleaned
    /// up.</summary>
    /// <exception cref="TokenizerException">There is no such token.</exception>
    public string DecodeText(IEnumerable<int> tokens, bool includeSpecial)
    {
        string text = Encoding.UTF8.GetString(Decode(tokens, includeSpecial));
        return Kind == TokenizerKind.Wpm ? TextCleaner.Clean(text) : text;
    }

    /// <summary>Encodes plain text, and tells the work that it was.</summary>
    internal List<int> Encode(string text, out long operations)
    {
        EncodeBuffers buffers = new();
        List<int> tokens = Encode(text, _userDefinedMatcher, static (_, _) => true, addSpecial: false, buffers);
        operations = buffers.Merger.Operations + buffers.Steps;
        return tokens;
    }

    /// <summary>Encodes text that continues a text: nothing is put in front of it, and no control token is recognised.</summary>
    /// <exception cref="TokenizerException">The model has no vocabulary.</exception>
    internal List<int> EncodeContinuation(string text) =>
        Encode(text, _userDefinedMatcher, static (_, _) => true, addSpecial: false, new EncodeBuffers(), begins: false);

    /// <summary>The name of a kind in the field.</summary>
    internal static string NameOf(TokenizerKind kind) => kind switch
    {
        TokenizerKind.Spm => "SPM",
        TokenizerKind.Bpe => "BPE",
        TokenizerKind.Wpm => "WPM",
        TokenizerKind.Ugm => "UGM",
        TokenizerKind.Rwkv => "RWKV",
        TokenizerKind.Plamo2 => "PLaMo2",
        _ => "NONE",
    };

    private List<int> Encode(
        string text, SpecialTokenMatcher matcher, Func<SpecialTokenMatcher.Special, int, bool> allows, bool addSpecial,
            EncodeBuffers buffers, bool begins = true)
    {
        TextEncoder encoder = _encoder ?? throw TokenizerException.NoVocabulary();
        List<int> tokens = [];
        if (addSpecial && (Special.AddBos || Kind == TokenizerKind.Wpm) && Special.Bos is int bos)
        {
            tokens.Add(bos);
        }

        foreach (SpecialTokenMatcher.Fragment fragment in matcher.Split(text, allows))
        {
            if (fragment.Token >= 0)
            {
                tokens.Add(fragment.Token);
                begins = true;
            }
            else
            {
                encoder.Encode(text.AsSpan(fragment.Start, fragment.Length), begins, buffers, tokens);
                begins = false;
            }
        }

        if (addSpecial && Kind != TokenizerKind.Wpm && Special.AddEos && Special.Eos is int eos)
        {
            tokens.Add(eos);
        }

        if (addSpecial && Kind == TokenizerKind.Wpm && Special.Separator is int separator)
        {
            tokens.Add(separator);
        }

        return tokens;
    }

    private bool IsStructural(SpecialTokenMatcher.Special special) =>
        (special.Attributes & Restricted) != 0 || _vocabulary!.FileControls.Contains(special.Id)
        || SpecialTokenTexts.IsMarker(special.Text);

    private SpecialTokenMatcher Matcher(TokenAttributes any, TokenAttributes none)
    {
        List<SpecialTokenMatcher.Special> specials = [];
        for (int id = 0; id < (_vocabulary?.Size ?? 0); id++)
        {
            TokenAttributes attributes = _vocabulary!.Attributes[id];
            if ((attributes & any) != 0 && (attributes & none) == 0)
            {
                specials.Add(new(id, _vocabulary.Texts[id], Encoding.UTF8.GetByteCount(_vocabulary.Texts[id]), attributes));
            }
        }

        return new SpecialTokenMatcher(specials);
    }

    private int Checked(int id) => (uint)id < (uint)VocabularySize ? id : throw TokenizerException.TokenOutOfRange(id, VocabularySize);
}
