using System.Diagnostics;
using System.Text;
using Hearth.Engine.Scheduling;

namespace Hearth.Server.Logging;

/// <summary>What is remembered of a request for a while.</summary>
/// <param name="id">Its ID.</param>
/// <param name="name">What it asks for: its method and path, or what an open page does.</param>
/// <param name="begun">When it came.</param>
/// <param name="keepsTexts">Whether its prompt and its answer are kept, too.</param>
internal sealed class RequestRecord(string id, string name, DateTimeOffset begun, bool keepsTexts)
{
    private const int MaxCharacters = 16 * 1024;
    private static readonly AsyncLocal<RequestRecord?> s_current = new();
    private readonly Lock _gate = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private StringBuilder? _answer;

    /// <summary>That of the request that the caller works for; null where it is of none.</summary>
    public static RequestRecord? Current => s_current.Value;

    /// <summary>Its ID.</summary>
    public string Id => id;

    /// <summary>What it asks for.</summary>
    public string Name => name;

    /// <summary>When it came.</summary>
    public DateTimeOffset Begun => begun;

    /// <summary>The status of its answer; 0 while there is none.</summary>
    public int Status { get; private set; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Tokens that were read.</summary>
    public int PromptTokens { get; private set; }

    /// <summary>Tokens that were made.</summary>
    public int CompletionTokens { get; private set; }

    /// <summary>From its arrival to the first token; null where there was none.</summary>
    public TimeSpan? FirstToken { get; private set; }

    /// <summary>The prompt, as the model reads it; null unless texts are kept.</summary>
    public string? Prompt { get; private set; }

    /// <summary>The answer, as the model writes it; null unless texts are kept.</summary>
    public string? Answer
    {
        get
        {
            lock (_gate)
            {
                return _answer?.ToString();
            }
        }
    }

    /// <summary>Makes this the one of the request that the caller works for from now on.</summary>
    public void Follow() => s_current.Value = this;

    /// <summary>Notes what a model is given.</summary>
    public void Begin(LanguageModel model, GenerationRequest request)
    {
        PromptTokens += request.Prompt.Count;
        if (keepsTexts && Prompt is null)
        {
            Prompt = Cut(model.Tokenizer.DecodeText(request.Prompt, includeSpecial: true));
        }
    }

    /// <summary>Notes what a model does.</summary>
    public void Take(GenerationEvent generated)
    {
        if (generated is not TextDelta delta)
        {
            return;
        }

        FirstToken ??= Stopwatch.GetElapsedTime(_started);
        CompletionTokens += delta.Tokens;
        if (keepsTexts)
        {
            lock (_gate)
            {
                _answer ??= new StringBuilder();
                _answer.Append(delta.Text, 0, Math.Max(0, Math.Min(delta.Text.Length, MaxCharacters - _answer.Length)));
            }
        }
    }

    /// <summary>Notes the end.</summary>
    /// <param name="status">The status of the answer.</param>
    public void End(int status) => (Status, Elapsed) = (status, Stopwatch.GetElapsedTime(_started));

    /// <summary>Forgets the texts.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            Prompt = null;
            _answer = null;
        }
    }

    private static string Cut(string text) => text.Length <= MaxCharacters ? text : text[..MaxCharacters] + "…";
}
