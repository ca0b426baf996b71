using System.Text;

namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>A <c>tokenizer.model</c> (sentencepiece_model.proto, ModelProto): the pieces, and how texts are prepared.</summary>
internal sealed class SentencePieceModel
{
    private const long MaxBytes = 64 << 20;
    private const int MaxPieceBytes = 1 << 16;
    private const int BpeModel = 2;
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly List<VocabularyToken> _pieces = [];
    private long _modelType = 1;

    private SentencePieceModel()
    {
    }

    /// <summary>The pieces by id.</summary>
    public IReadOnlyList<VocabularyToken> Pieces => _pieces;

    /// <summary>Whether a space is put before a text.</summary>
    public bool AddsDummyPrefix { get; private set; } = true;

    /// <summary>Whether runs of spaces become one.</summary>
    public bool RemovesExtraWhitespaces { get; private set; } = true;

    /// <summary>How texts are normalised: <c>identity</c>, <c>nmt_nfkc</c>, ...</summary>
    public string Normalizer { get; private set; } = string.Empty;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConversionException">It is damaged, or its pieces are not merged by score.</exception>
    public static SentencePieceModel Load(string path)
    {
        SentencePieceModel model = new();
        ProtobufReader reader = new(BoundedFile.Read(path, MaxBytes), path);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    model._pieces.Add(ReadPiece(reader.Bytes(), path));
                    break;
                case 2:
                    model.ReadTrainer(reader.Bytes(), path);
                    break;
                case 3:
                    model.ReadNormalizer(reader.Bytes(), path);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (model._pieces.Count == 0)
        {
            throw ConversionException.InvalidFile(path, "it has no pieces.");
        }

        return model._modelType == BpeModel
            ? model
            : throw ConversionException.UnsupportedTokenizer(
                path, $"tokenizer.model is of the kind {KindName(model._modelType)}; only BPE models can be converted");
    }

    private static string KindName(long type) => type switch
    {
        1 => "unigram",
        3 => "word",
        4 => "character",
        _ => $"{type}",
    };

    private static VocabularyToken ReadPiece(ReadOnlySpan<byte> message, string path)
    {
        string text = string.Empty;
        float score = 0;
        long type = (long)VocabularyTokenType.Normal;
        ProtobufReader reader = new(message, path);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    text = Text(reader.Bytes(), path);
                    break;
                case 2:
                    score = reader.Single();
                    break;
                case 3:
                    type = reader.Integer();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return text.Length > 0 && float.IsFinite(score) && type is >= (long)VocabularyTokenType.Normal and <= (long)VocabularyTokenType.Byte
            ? new VocabularyToken(text, score, (VocabularyTokenType)type)
            : throw ConversionException.InvalidFile(
                path, $"a piece ('{text}') is empty, of an unknown type, or has a score that is no number.");
    }

    private static string Text(ReadOnlySpan<byte> bytes, string path)
    {
        try
        {
            return bytes.Length <= MaxPieceBytes ? s_utf8.GetString(bytes)
                : throw ConversionException.InvalidFile(path, "a piece is too long.");
        }
        catch (DecoderFallbackException exception)
        {
            throw ConversionException.InvalidFile(path, "a piece is not UTF-8.", exception);
        }
    }

    private void ReadTrainer(ReadOnlySpan<byte> message, string path)
    {
        ProtobufReader reader = new(message, path);
        while (reader.Next())
        {
            if (reader.Field == 3)
            {
                _modelType = reader.Integer();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> message, string path)
    {
        ProtobufReader reader = new(message, path);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    Normalizer = Text(reader.Bytes(), path);
                    break;
                case 3:
                    AddsDummyPrefix = reader.Integer() != 0;
                    break;
                case 4:
                    RemovesExtraWhitespaces = reader.Integer() != 0;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
