using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Hearth.Engine.Tests.Conversion;

/// <summary>Small tokenizers, as model folders have them.</summary>
internal static class TestTokenizers
{
    public const string Llama3Expression =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string Qwen2Expression =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Tokens 256 and on of <see cref="ByteLevel"/>.</summary>
    public static readonly string[] Merges = ["h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "l d", "1 2", "12 3"];

    /// <summary>The pieces of <see cref="SentencePiece"/> after the bytes, best first: number 259 and on.</summary>
    public static readonly string[] Pieces =
    [
        "\u2581h", "el", "\u2581w", "lo", "\u2581hel", "\u2581hello", "or", "ld",
            "\u2581wor", "\u2581world", "\u2581", "h", "e", "l", "o", "w", "r", "d",
        "\u00E9",
    ];

    public static JsonNode SplitStep(string expression, string behavior = "Isolated", bool invert = false) => new JsonObject
    {
        ["type"] = "Split",
        ["pattern"] = new JsonObject { ["Regex"] = expression },
        ["behavior"] = behavior,
        ["invert"] = invert,
    };

    public static JsonNode ByteLevelStep(bool useRegex) => new JsonObject
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = false,
        ["trim_offsets"] = true,
        ["use_regex"] = useRegex,
    };

    public static JsonNode Sequence(params JsonNode[] steps) =>
        new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(steps) };

    public static JsonNode Llama3Split() => Sequence(SplitStep(Llama3Expression), ByteLevelStep(useRegex: false));

    public static JsonNode Qwen2Split() => Sequence(SplitStep(Qwen2Expression), ByteLevelStep(useRegex: false));

    /// <summary>
    /// Writes a byte-level tokenizer.json: the bytes, a token for each merge, then <c>&lt;|begin|&gt;</c> (266), <c>&lt;|end|&gt;</c>
    /// (267) and
    /// <c>&lt;think&gt;</c> (268), which is not special.
    /// </summary>
    /// <returns>How many tokens it has.</returns>
    public static int ByteLevel(TestFolder folder, JsonNode preTokenizer, bool ignoreMerges = false, bool pairs = false)
    {
        JsonObject vocabulary = [];
        int id = 0, next = 0x100;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            vocabulary[((char)(printable ? value : next++)).ToString()] = id++;
        }

        foreach (string merge in Merges)
        {
            vocabulary[merge.Replace(" ", "", StringComparison.Ordinal)] = id++;
        }

        JsonArray merges = pairs
            ? new JsonArray([.. Merges.Select(merge => new JsonArray([.. merge.Split(' ').Select(side => (JsonNode)side)]))])
            : new JsonArray([.. Merges.Select(merge => (JsonNode)merge)]);
        folder.Write("tokenizer.json", new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray(Added(id, "<|begin|>", true), Added(id + 1, "<|end|>", true), Added(id + 2, "<think>", false)),
            ["normalizer"] = null,
            ["pre_tokenizer"] = preTokenizer,
            ["post_processor"] = null,
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["byte_fallback"] = false,
                ["ignore_merges"] = ignoreMerges,
                ["vocab"] = vocabulary,
                ["merges"] = merges,
            },
        });
        folder.Write("tokenizer_config.json", new JsonObject
        {
            ["bos_token"] = "<|begin|>",
            ["eos_token"] = new JsonObject { ["content"] = "<|end|>", ["lstrip"] = false },
            ["chat_template"] = "{{ messages }}",
        });
        return id + 3;
    }

    /// <summary>Writes a tokenizer.model: unknown, begin, end, the bytes, <see cref="Pieces"/>.</summary>
    /// <returns>How many tokens it has.</returns>
    public static int SentencePiece(TestFolder folder, int modelType = 2, bool dummyPrefix = true)
    {
        using MemoryStream model = new();
        void Piece(string text, float score, int type)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text), number = new byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(number, score);
            byte[] message = [0x0A, (byte)utf8.Length, .. utf8, 0x15, .. number, 0x18, (byte)type];
            model.Write([0x0A, (byte)message.Length, .. message]);
        }

        Piece("<unk>", 0, 2);
        Piece("<s>", 0, 3);
        Piece("</s>", 0, 3);
        for (int value = 0; value < 256; value++)
        {
            Piece($"<0x{value:X2}>", 0, 6);
        }

        for (int i = 0; i < Pieces.Length; i++)
        {
            Piece(Pieces[i], -i, 1);
        }

        // Trainer: a field that is passed over (vocab_size = 278), the model's type. Normaliser: identity, the prefix, spaces kept.
        model.Write([0x12, 5, 0x20, 0x96, 0x02, 0x18, (byte)modelType]);
        model.Write([0x1A, 14, 0x0A, 8, .. "identity"u8, 0x18, (byte)(dummyPrefix ? 1 : 0), 0x20, 0]);
        folder.Write("tokenizer.model", model.ToArray());
        folder.Write("tokenizer_config.json", new JsonObject
        {
            ["bos_token"] = "<s>",
            ["eos_token"] = "</s>",
            ["unk_token"] = "<unk>",
            ["add_bos_token"] = true,
            ["add_eos_token"] = false,
        });
        return 259 + Pieces.Length;
    }

    /// <summary>
    /// Writes the same tokenizer as tokenizer.json alone, with the merges that Hugging Face's converter makes of the scores.
    /// </summary>
    /// <returns>How many tokens it has.</returns>
    public static int ByteFallback(TestFolder folder)
    {
        JsonObject vocabulary = [];
        string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), .. Pieces];
        for (int id = 0; id < tokens.Length; id++)
        {
            vocabulary[tokens[id]] = id;
        }

        JsonArray merges = [];
        foreach (string piece in Pieces)
        {
            for (int i = 1; i < piece.Length; i++)
            {
                if (Pieces.Contains(piece[..i]) && Pieces.Contains(piece[i..]))
                {
                    merges.Add($"{piece[..i]} {piece[i..]}");
                }
            }
        }

        folder.Write("tokenizer.json", new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added(0, "<unk>", true), Added(1, "<s>", true), Added(2, "</s>", true)),
            ["normalizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["normalizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Prepend", ["prepend"] = "\u2581" },
                    new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = " " }, ["content"] = "\u2581" }),
            },
            ["pre_tokenizer"] = null,
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(
                    new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "<s>" } },
                        new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A" } }),
            },
            ["model"] = new JsonObject { ["type"] = "BPE", ["byte_fallback"] = true, ["vocab"] = vocabulary, ["merges"] = merges },
        });
        folder.Write("tokenizer_config.json", new JsonObject { ["bos_token"] = "<s>", ["eos_token"] = "</s>", ["unk_token"] = "<unk>" });
        return tokens.Length;
    }

    private static JsonObject Added(int id, string text, bool special) => new() { ["id"] = id, ["content"] = text, ["special"] = special };
}
