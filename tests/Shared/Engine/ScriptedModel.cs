using System.Text;
using Hearth.Engine.Gguf;

namespace Hearth.Tests;

/// <summary>
/// Writes models that say one text, whatever they are asked. The last token decides the next one: each has a random vector of signs, the
/// output row of a token is the vector of the token before it in the script, and the layer adds nothing. A template ends with the token
/// that begins the script.
/// </summary>
internal static class ScriptedModel
{
    private const int Length = 128;
    private const int FeedForward = 32;
    private const int Control = 3;
    private const int Normal = 1;
    private const int UserDefined = 4;
    private static readonly int[] s_lengths = [3, 2, 4, 5, 1, 7, 10, 14, 20, 28, 40];
    private const string End = "<|end_of_reply|>";

    /// <summary>Writes a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="script">What it says.</param>
    /// <param name="template">Its chat template, to which the beginning of the reply is added.</param>
    /// <param name="begin">The control token that its replies begin after, which the template ends with.</param>
    /// <param name="controls">Texts that are control tokens, each of which the script has once at most.</param>
    public static string Write(string path, string script, string template, string begin, params string[] controls) =>
        Write(path, [new Script(begin, script)], template + "{% if add_generation_prompt %}{{ '" + begin + "' }}{% endif %}", controls);

    /// <summary>Writes a model that never ends its thought but says it over and over. Where somebody else has written the mark, it answers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="thought">What it says, with the mark in front where the template does not end with that.</param>
    /// <param name="close">The mark behind the thought.</param>
    /// <param name="answer">What it says behind the mark; empty for nothing in particular.</param>
    /// <param name="template">Its chat template, to which the beginning of the reply is added.</param>
    /// <param name="begin">The control token that its replies begin after, which the template ends with.</param>
    /// <param name="controls">Texts that are control tokens, each of which the script has once at most.</param>
    public static string WriteEndless(string path, string thought, string close, string answer, string template, string begin, params string[] controls)
    {
        Script[] answered = answer.Length > 0 ? [new Script(controls.Contains(close) ? close : close[^1..], answer)] : [];
        return Write(path, [new Script(begin, thought) { Repeats = true }, .. answered], template + "{% if add_generation_prompt %}{{ '" + begin + "' }}{% endif %}", controls);
    }

    /// <summary>Writes a model that says one of several texts.</summary>
    /// <param name="path">The file.</param>
    /// <param name="scripts">What it says.</param>
    /// <param name="template">Its chat template, which ends with the beginning of one of the scripts.</param>
    /// <param name="controls">Texts that are control tokens, each of which all scripts together have once at most.</param>
    public static string Write(string path, IReadOnlyList<Script> scripts, string template, params string[] controls)
    {
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(value => ByteText((byte)value))];
        List<int> types = [.. Enumerable.Repeat(Normal, tokens.Count)];
        int Add(string text, int type)
        {
            tokens.Add(text);
            types.Add(type);
            return tokens.Count - 1;
        }

        List<int[]> said = [];
        List<string> pieces = [];
        string all = string.Join('\0', scripts.Select(script => script.Text));
        foreach (Script script in scripts)
        {
            int begin = tokens.IndexOf(script.Begin) is >= 0 and int known ? known : Add(script.Begin, Control);
            int first = pieces.Count;
            Split(script.Text, all, controls, pieces);
            said.Add([begin, .. pieces[first..].Select(Token)]);
        }

        int Token(string piece)
        {
            string text = controls.Contains(piece) || piece.Length > 1 ? piece : string.Concat(Encoding.UTF8.GetBytes(piece).Select(ByteText));
            int known = tokens.IndexOf(text);
            return known >= 0 ? known : Add(text, controls.Contains(piece) ? Control : piece.Length > 1 ? UserDefined : Normal);
        }

        foreach (string control in controls.Where(control => !tokens.Contains(control)))
        {
            Add(control, Control);
        }

        int end = Add(End, Control);
        GgufWriter writer = new();
        writer.Set("general.architecture", "llama").Set("general.name", "scripted");
        writer.Set("llama.context_length", 8192u).Set("llama.embedding_length", (uint)Length).Set("llama.block_count", 1u);
        writer.Set("llama.feed_forward_length", (uint)FeedForward).Set("llama.attention.head_count", 2u).Set("llama.attention.layer_norm_rms_epsilon", 1e-6f);
        writer.Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.pre", "gpt-2").Set("tokenizer.ggml.tokens", tokens.ToArray());
        writer.Set("tokenizer.ggml.token_type", types.ToArray()).Set("tokenizer.ggml.merges", new[] { "a b" });
        writer.Set("tokenizer.ggml.eos_token_id", (uint)end).Set("tokenizer.ggml.add_bos_token", false);
        writer.Set("tokenizer.chat_template", template);

        float[] embeddings = [.. Enumerable.Range(0, tokens.Count).SelectMany(Signs)];
        float[] output = new float[tokens.Count * Length];

        // The row of a token is the sum of what leads there.
        void Follow(int token, int next)
        {
            foreach ((int index, float sign) in Signs(token).Index())
            {
                output[(next * Length) + index] += sign;
            }
        }

        foreach ((int[] script, bool repeats) in said.Zip(scripts.Select(script => script.Repeats)))
        {
            for (int i = 1; i < script.Length; i++)
            {
                Follow(script[i - 1], script[i]);
            }

            Follow(script[^1], repeats ? script[Array.FindLastIndex(script, token => types[token] == Control) + 1] : end);
        }

        writer.Add("token_embd.weight", [Length, tokens.Count], embeddings).Add("output.weight", [Length, tokens.Count], output);
        float[] ones = [.. Enumerable.Repeat(1f, Length)];
        writer.Add("output_norm.weight", [Length], ones).Add("blk.0.attn_norm.weight", [Length], ones).Add("blk.0.ffn_norm.weight", [Length], ones);
        foreach (string name in (string[])["attn_q", "attn_k", "attn_v", "attn_output"])
        {
            writer.Add($"blk.0.{name}.weight", [Length, Length], new float[Length * Length]);
        }

        writer.Add("blk.0.ffn_gate.weight", [Length, FeedForward], new float[Length * FeedForward]).Add("blk.0.ffn_up.weight", [Length, FeedForward], new float[Length * FeedForward]);
        writer.Add("blk.0.ffn_down.weight", [FeedForward, Length], new float[Length * FeedForward]);
        writer.Save(path);
        return path;
    }

    // Each piece is in the scripts once: a token has one successor, and any part of a script that begins with a piece is cut into the same ones.
    private static void Split(string script, string all, string[] controls, List<string> pieces)
    {
        Assert.True(From(0), $"The script says too much twice: {script}");

        bool From(int start)
        {
            if (start == script.Length)
            {
                return true;
            }

            string? control = Array.Find(controls, control => string.CompareOrdinal(script, start, control, 0, control.Length) == 0);
            int limit = controls.Select(mark => script.IndexOf(mark, start, StringComparison.Ordinal)).Where(at => at > start).DefaultIfEmpty(script.Length).Min();
            int[] lengths = control is not null ? [control.Length] : [.. s_lengths.Where(length => start + length <= limit)];
            foreach (string piece in lengths.Select(length => script.Substring(start, length)).Where(piece => all.IndexOf(piece, StringComparison.Ordinal) == all.LastIndexOf(piece, StringComparison.Ordinal)))
            {
                pieces.Add(piece);
                if (From(start + piece.Length))
                {
                    return true;
                }

                pieces.RemoveAt(pieces.Count - 1);
            }

            return false;
        }
    }

    private static float[] Signs(int token)
    {
        Random random = new(token);
        return [.. Enumerable.Range(0, Length).Select(_ => random.Next(2) == 0 ? -1f : 1f)];
    }

    // GPT-2's names of bytes: printable ones are themselves, the others come after U+0100.
    private static string ByteText(byte value)
    {
        static bool IsItself(int code) => code is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
        return ((char)(IsItself(value) ? value : 256 + Enumerable.Range(0, value).Count(code => !IsItself(code)))).ToString();
    }
}

/// <summary>What a scripted model says.</summary>
/// <param name="Begin">The control token that the text begins after.</param>
/// <param name="Text">The text.</param>
internal sealed record Script(string Begin, string Text)
{
    /// <summary>Whether the text behind its control tokens is said over and over instead of coming to an end.</summary>
    public bool Repeats { get; init; }
}
