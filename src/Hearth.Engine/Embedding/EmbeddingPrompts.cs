using System.Runtime.InteropServices;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Embedding;

/// <summary>
/// Turns texts into the tokens that an embedding model reads. Control tokens are recognised in a model's own template only: what a text
/// says can never become one.
/// </summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="pairTemplate">The text around a query and a document (<c>tokenizer.chat_template.rerank</c>), or null.</param>
/// <param name="contextLength">Tokens that the model reads.</param>
internal sealed class EmbeddingPrompts(Tokenizer tokenizer, string? pairTemplate, int contextLength)
{
    private const string QueryMark = "{query}";
    private const string DocumentMark = "{document}";

    /// <summary>A text's tokens; what is cut is its end, not the token that closes it.</summary>
    public List<int> Encode(string text, bool truncate)
    {
        List<int> tokens = tokenizer.Encode([new PromptSegment(text, AllowSpecial: false)], addSpecial: true);
        if (truncate && tokens.Count > contextLength)
        {
            int last = tokens[^1];
            tokens.RemoveRange(contextLength, tokens.Count - contextLength);
            if (last == Closing)
            {
                tokens[^1] = last;
            }
        }

        return tokens;
    }

    /// <summary>The tokens of a query and a document; what is cut is the document's end.</summary>
    /// <exception cref="EmbeddingException">Truncation is asked for, but nothing would be left of the document.</exception>
    public List<int> EncodePair(string query, string document, bool truncate)
    {
        List<int> whole = pairTemplate is null ? Join(query, Plain(document)) : Encode(Segments(pairTemplate, query, document));
        if (!truncate || whole.Count <= contextLength)
        {
            return whole;
        }

        if (pairTemplate is null)
        {
            List<int> tokens = Plain(document);
            int room = tokens.Count - (whole.Count - contextLength);
            return room > 0 ? Join(query, tokens[..room]) : throw EmbeddingException.QueryTooLong(whole.Count - tokens.Count, contextLength);
        }

        // The document's last place in the template is where it is cut.
        int place = Math.Max(0, pairTemplate.LastIndexOf(DocumentMark, StringComparison.Ordinal));
        List<int> before = Encode(Segments(pairTemplate[..place], query, document));
        List<int> cut = Plain(document);
        List<int> after = Encode(Segments(pairTemplate[Math.Min(pairTemplate.Length, place + DocumentMark.Length)..], query, document));
        int left = contextLength - before.Count - after.Count;
        return left > 0 ? [.. before, .. cut.Take(left), .. after] : throw EmbeddingException.QueryTooLong(before.Count + after.Count, contextLength);
    }

    private int? Closing => tokenizer.Kind == TokenizerKind.Wpm ? tokenizer.Special.Separator : tokenizer.Special.AddEos ? tokenizer.Special.Eos : null;

    private static List<PromptSegment> Segments(string template, string query, string document)
    {
        List<PromptSegment> segments = [];
        int at = 0;
        while (at < template.Length)
        {
            (int place, string mark, string text) = Next(template, at, query, document);
            segments.Add(new PromptSegment(template[at..place], AllowSpecial: true));
            segments.Add(new PromptSegment(text, AllowSpecial: false));
            at = place + mark.Length;
        }

        return segments;
    }

    private static (int Place, string Mark, string Text) Next(string template, int at, string query, string document)
    {
        int queryAt = template.IndexOf(QueryMark, at, StringComparison.Ordinal);
        int documentAt = template.IndexOf(DocumentMark, at, StringComparison.Ordinal);
        if (queryAt < 0 && documentAt < 0)
        {
            return (template.Length, string.Empty, string.Empty);
        }

        bool isQuery = documentAt < 0 || (queryAt >= 0 && queryAt < documentAt);
        return isQuery ? (queryAt, QueryMark, query) : (documentAt, DocumentMark, document);
    }

    private List<int> Encode(List<PromptSegment> segments) => tokenizer.Encode(CollectionsMarshal.AsSpan(segments), addSpecial: false);

    private List<int> Plain(string text) => tokenizer.Encode([new PromptSegment(text, AllowSpecial: false)], addSpecial: false);

    // BOS query EOS SEP document EOS, each where the vocabulary adds it.
    private List<int> Join(string query, List<int> document)
    {
        SpecialTokens special = tokenizer.Special;
        int? end = special.AddEos ? special.Eos ?? special.Separator : null;
        List<int> tokens = [];
        Add(special.AddBos ? special.Bos : null);
        tokens.AddRange(Plain(query));
        Add(end);
        Add(special.AddSep ? special.Separator : null);
        tokens.AddRange(document);
        Add(end);
        return tokens;

        void Add(int? token)
        {
            if (token is int id)
            {
                tokens.Add(id);
            }
        }
    }
}
