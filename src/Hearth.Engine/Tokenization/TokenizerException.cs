using System.Globalization;

namespace Hearth.Engine.Tokenization;

/// <summary>A vocabulary cannot be used, or a token is not in it. <see cref="Kind"/> says why; the message also says what to do.</summary>
public sealed class TokenizerException : Exception
{
    private const string Reconvert = "Convert the model again with a current converter, or download another file.";

    private TokenizerException(TokenizerErrorKind kind, FormattableString message, string? subject = null)
        : base(message.ToString(CultureInfo.InvariantCulture))
    {
        Kind = kind;
        Subject = subject;
    }

    /// <summary>The cause.</summary>
    public TokenizerErrorKind Kind { get; }

    /// <summary>The key, name or token that it is about.</summary>
    public string? Subject { get; }

    /// <summary>A required metadata key is absent.</summary>
    public static TokenizerException MissingKey(string key) =>
        new(TokenizerErrorKind.MissingKey, $"The model has no '{key}', which its tokenizer needs. {Reconvert}", key);

    /// <summary>The kind of tokenizer is not supported.</summary>
    public static TokenizerException UnknownModel(string model, IEnumerable<string> supported) =>
        new(TokenizerErrorKind.UnknownModel,
            $"The tokenizer model '{Short(model)}' is not supported; supported: {string.Join(", ", supported)}.", Short(model));

    /// <summary>The pre-tokenizer is not known, so the text would be split in another way than the model learned.</summary>
    public static TokenizerException UnknownPreTokenizer(string name, IEnumerable<string> supported) =>
        new(TokenizerErrorKind.UnknownPreTokenizer,
            $"The pre-tokenizer '{Short(name)}' (tokenizer.ggml.pre) is not supported; supported: {string.Join(", ", supported)}.",
                Short(name));

    /// <summary>An array is shorter or longer than the vocabulary.</summary>
    public static TokenizerException LengthMismatch(string key, int found, int expected) =>
        new(TokenizerErrorKind.LengthMismatch, $"'{key}' has {found} items, but the vocabulary has {expected} tokens. {Reconvert}", key);

    /// <summary>Two tokens have the same text.</summary>
    public static TokenizerException DuplicateToken(string text, int first, int second) =>
        new(TokenizerErrorKind.DuplicateToken, $"The tokens {first} and {second} have the same text '{Short(text)}'. {Reconvert}",
            Short(text));

    /// <summary>A token's text is too long.</summary>
    public static TokenizerException TokenTooLong(int token, int length, int limit) =>
        new(TokenizerErrorKind.TokenTooLong, $"Token {token} has {length} bytes; the limit is {limit}. {Reconvert}", Text(token));

    /// <summary>The vocabulary is empty or too large.</summary>
    public static TokenizerException VocabularySize(long found, int limit) =>
        new(TokenizerErrorKind.VocabularySize, $"The vocabulary has {found} tokens; it must have 1 to {limit}. {Reconvert}");

    /// <summary>A token id is not in the vocabulary.</summary>
    public static TokenizerException TokenOutOfRange(long token, int vocabularySize) =>
        new(TokenizerErrorKind.TokenOutOfRange, $"Token {token} is not in the vocabulary; ids are 0 to {vocabularySize - 1}.", Text(token));

    /// <summary>The map of characters that is applied before a text is cut cannot be used.</summary>
    public static TokenizerException CharacterMap(string key, string reason) =>
        new(TokenizerErrorKind.CharacterMap, $"'{key}' is no map of characters: {reason}. {Reconvert}", key);

    /// <summary>The map of characters makes a text many times larger.</summary>
    public static TokenizerException CharacterMapGrowth(long limit) =>
        new(TokenizerErrorKind.CharacterMap,
            $"The model's map of characters makes this text larger than {limit} bytes, more than any real one does. {Reconvert}");

    /// <summary>A byte has no token of its own.</summary>
    public static TokenizerException MissingByteToken(byte value) =>
        new(TokenizerErrorKind.MissingByteToken, $"The vocabulary has no token of type byte for <0x{value:X2}>. {Reconvert}",
            $"<0x{value:X2}>");

    /// <summary>The model has no text vocabulary.</summary>
    public static TokenizerException NoVocabulary() =>
        new(TokenizerErrorKind.NoVocabulary,
            $"This model has no vocabulary (tokenizer.ggml.model is 'no_vocab'): give it token ids, not text.");

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Short(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "...");
}
