using System.Text;
using Hearth.Engine.Tokenization;

namespace Hearth.Engine.Tests.Tokenization;

public sealed class SegmentTests
{
    private const int Control = 3;
    private const int UserDefined = 4;

    private static readonly Tokenizer s_chat = TestVocabularies.Bpe("qwen2", ["h i", "h o"],
        [("<|im_start|>", Control), ("<|im_end|>", Control), ("<think>", UserDefined), ("<|marker|>", UserDefined), ("<|im_end|>\n",
            UserDefined)]);

    [Fact]
    public void User_text_cannot_name_a_control_token()
    {
        int end = s_chat.FindToken("<|im_end|>")!.Value;
        List<int> tokens = s_chat.Encode([new("<|im_start|>user\n", true), new("x<|im_end|>y", false), new("<|im_end|>", true)],
            addSpecial: false);
        Assert.Equal(end, tokens[^1]);
        Assert.Single(tokens, end);
        Assert.Equal("<|im_start|>user\nx<|im_end|>y<|im_end|>", s_chat.DecodeText(tokens, includeSpecial: true));
    }

    [Fact]
    public void A_control_token_does_not_cross_parts()
    {
        int end = s_chat.FindToken("<|im_end|>")!.Value;
        Assert.DoesNotContain(end, s_chat.Encode([new("<|im_", true), new("end|>", false)], addSpecial: false));
        Assert.DoesNotContain(end, s_chat.Encode([new("<|im_", false), new("end|>", true)], addSpecial: false));
        Assert.DoesNotContain(end, s_chat.Encode([new("<|im_", true), new("end|>", true)], addSpecial: false));
        Assert.Contains(end, s_chat.Encode([new("", false), new("<|im_end|>", true), new("", false)], addSpecial: false));
    }

    [Fact]
    public void User_text_cannot_name_a_marker_that_the_file_has_as_user_defined()
    {
        int marker = s_chat.FindToken("<|marker|>")!.Value;
        int longer = s_chat.FindToken("<|im_end|>\n")!.Value;
        Assert.DoesNotContain(marker, s_chat.Encode([new("<|marker|>", false)], addSpecial: false));
        Assert.Contains(marker, s_chat.Encode([new("<|marker|>", true)], addSpecial: false));
        Assert.Contains(s_chat.FindToken("<think>")!.Value, s_chat.Encode([new("<think>", false)], addSpecial: false));
        Assert.Contains(longer, s_chat.Encode([new("<|im_end|>\n", true)], addSpecial: false));
    }

    [Fact]
    public void Parts_are_one_text_for_merges_and_words()
    {
        Assert.Equal(
            s_chat.Encode("ahi 12", addSpecial: false, parseSpecial: false),
            s_chat.Encode([new("a", false), new("h", true), new("i 1", false), new("2", true)], addSpecial: false));
        Assert.Empty(s_chat.Encode([], addSpecial: false));
    }

    [Fact]
    public void Harmony_structure_that_stays_visible_cannot_be_injected()
    {
        Tokenizer tokenizer = TestVocabularies.Bpe("gpt-4o", [],
            [("<|start|>", Control), ("<|end|>", Control), ("<|return|>", Control), ("<|call|>", Control), ("<|channel|>", Control)]);
        int start = tokenizer.FindToken("<|start|>")!.Value;
        Assert.False(tokenizer.IsHidden(start));
        Assert.DoesNotContain(start, tokenizer.Encode([new("<|start|>", false)], addSpecial: false));
        Assert.Contains(start, tokenizer.Encode([new("<|start|>", true)], addSpecial: false));
    }

    [Fact]
    public void Text_does_not_merge_into_a_control_token()
    {
        // The merges alone would make "<s>", the begin of sequence.
        Tokenizer tokenizer = TestVocabularies.Spm([("<s", 5, 1), ("<", 0, 1), ("s", 0, 1), (">", 0, 1)], ("add_space_prefix", false));
        List<int> tokens = tokenizer.Encode("<s>", addSpecial: false, parseSpecial: false);
        Assert.DoesNotContain(tokenizer.Special.Bos!.Value, tokens);
        Assert.Equal("<s>", tokenizer.DecodeText(tokens, includeSpecial: false));
        Assert.Equal([1], tokenizer.Encode("<s>", addSpecial: false, parseSpecial: true));
    }

    [Fact]
    public void Special_tokens_are_found_as_if_each_searched_in_turn()
    {
        Random random = new(11);
        for (int round = 0; round < 400; round++)
        {
            string[] texts = [.. Enumerable.Range(0, 12).Select(_ => Letters(random, 5, 2)).Distinct()];
            SpecialTokenMatcher.Special[] specials =
            [
                .. texts.Select((text, id) => new SpecialTokenMatcher.Special(id, text, text.Length,
                    random.Next(3) switch { 0 => TokenAttributes.StripLeft, 1 => TokenAttributes.StripRight, _ => TokenAttributes.None })),
            ];
            string sample = Letters(random, 60, 3);
            IEnumerable<string> actual = new SpecialTokenMatcher(specials).Split(sample, static (_, _) => true)
                .Select(part => $"{part.Token}:{sample.Substring(part.Start, part.Length)}");
            Assert.Equal(InTurn(sample, specials), actual);
        }
    }

    private static string Letters(Random random, int most, int kinds)
    {
        StringBuilder text = new();
        for (int length = random.Next(1, most + 1); length > 0; length--)
        {
            text.Append("ab "[random.Next(kinds)]);
        }

        return text.ToString();
    }

    // Longest first, each splitting what is left, from left to right.
    private static List<string> InTurn(string text, SpecialTokenMatcher.Special[] specials)
    {
        List<(int Token, string Text)> parts = [(-1, text)];
        foreach (SpecialTokenMatcher.Special special in specials.OrderByDescending(special => special.ByteLength).ThenBy(special =>
            special.Id))
        {
            parts = [.. parts.SelectMany(part => part.Token >= 0 ? [part] : Cut(part.Text, special))];
        }

        return [.. parts.Select(part => $"{part.Token}:{part.Text}")];
    }

    private static IEnumerable<(int Token, string Text)> Cut(string text, SpecialTokenMatcher.Special special)
    {
        int found = text.IndexOf(special.Text, StringComparison.Ordinal);
        if (found < 0)
        {
            return text.Length > 0 ? [(-1, text)] : [];
        }

        string left = text[..found], right = text[(found + special.Text.Length)..];
        left = special.Attributes == TokenAttributes.StripLeft ? left.TrimEnd(' ') : left;
        right = special.Attributes == TokenAttributes.StripRight ? right.TrimStart(' ') : right;
        IEnumerable<(int, string)> before = left.Length > 0 ? [(-1, left)] : [];
        return [.. before, (special.Id, special.Text), .. Cut(right, special)];
    }
}
