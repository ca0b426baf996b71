using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Engine.Output.Replies;

namespace Hearth.Engine.Tests.Output.Replies;

/// <summary>Reads replies in one format, cut in any way, and says what was found in one text.</summary>
internal static class ReplyRun
{
    public static ReplyTool Weather { get; } = new("get_weather", Schema("""{"city":{"type":"string"},"days":{"type":"integer"},"exact":{"type":"boolean"},"tags":{"type":"array"},"note":{"type":["string","null"]}}"""));

    public static ReplyTool Add { get; } = new("add", Schema("""{"a":{"type":"number"},"b":{"type":"number"}}"""));

    public static ReplyOptions Options { get; } = new() { Tools = [Weather, Add] };

    /// <summary>The format of a template that mentions these texts.</summary>
    public static ReplyFormat Format(params string[] mentions) => ReplyFormat.Detect(string.Concat(mentions), _ => false);

    public static string Whole(ReplyFormat format, ReplyOptions options, string reply) => Read(format, options, [reply]);

    public static string Characters(ReplyFormat format, ReplyOptions options, string reply) => Read(format, options, reply.Select(character => character.ToString()));

    public static string Pieces(ReplyFormat format, ReplyOptions options, string reply, int seed)
    {
        Random random = new(seed);
        List<string> pieces = [];
        for (int i = 0; i < reply.Length;)
        {
            int length = Math.Min(random.Next(1, 9), reply.Length - i);
            pieces.Add(reply.Substring(i, length));
            i += length;
        }

        return Read(format, options, pieces);
    }

    /// <summary>The events of a reply: reasoning as R(), text as C(), calls as T(name#id arguments), in order. Broken-off calls are B().</summary>
    public static string Read(ReplyFormat format, ReplyOptions options, IEnumerable<string> pieces)
    {
        ReplyParser parser = format.CreateParser(options);
        List<ReplyEvent> events = [];
        foreach (string piece in pieces)
        {
            events.AddRange(parser.Append(piece));
        }

        events.AddRange(parser.Finish());
        Assert.Empty(parser.Append("more"));
        return Describe(events);
    }

    public static string Describe(IEnumerable<ReplyEvent> events)
    {
        StringBuilder all = new();
        char open = '\0';
        ReplyCallStarted? call = null;
        StringBuilder arguments = new();
        int calls = 0;
        void Text(char kind, string text)
        {
            Assert.NotEqual("", text);
            Assert.Null(call);
            if (open != kind)
            {
                Close();
                all.Append(kind).Append('(');
                open = kind;
            }

            all.Append(text);
        }

        void Close()
        {
            all.Append(open == '\0' ? "" : ")");
            open = '\0';
        }

        foreach (ReplyEvent part in events)
        {
            switch (part)
            {
                case ReplyContent content:
                    Text('C', content.Text);
                    break;
                case ReplyReasoning reasoning:
                    Text('R', reasoning.Text);
                    break;
                case ReplyCallStarted started:
                    Close();
                    Assert.Null(call);
                    Assert.Equal(calls++, started.Index);
                    (call, _) = (started, arguments.Clear());
                    break;
                case ReplyCallArguments piece:
                    Assert.Equal(call!.Index, piece.Index);
                    Assert.NotEqual("", piece.Json);
                    arguments.Append(piece.Json);
                    break;
                case ReplyCallEnded ended:
                    Assert.Equal(call!.Index, ended.Index);
                    string json = ended.IsComplete ? Minified(arguments.ToString()) : arguments.ToString();
                    all.Append($"{(ended.IsComplete ? 'T' : 'B')}({call.Name}{(call.Id is null ? "" : "#" + call.Id)} {json})");
                    call = null;
                    break;
            }
        }

        Assert.Null(call);
        Close();
        return all.ToString();
    }

    private static string Minified(string json)
    {
        JsonNode? node = JsonNode.Parse(json);
        Assert.IsType<JsonObject>(node);
        return node!.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static JsonObject Schema(string properties) => new() { ["type"] = "object", ["properties"] = JsonNode.Parse(properties) };
}
