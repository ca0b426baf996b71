using System.Text.Json.Nodes;
using Hearth.Server.Chat;
using Hearth.Server.Errors;
using Hearth.Server.Hosting;
using Hearth.Server.Logging;
using Microsoft.JSInterop;

namespace Hearth.Server.Ui.Chat;

/// <summary>The conversations of one open page: which one is shown, what is said in it, and the answer in the making. All of it runs on the page's own thread.</summary>
/// <param name="host">The models.</param>
/// <param name="time">The clock.</param>
/// <param name="key">Whose requests they are.</param>
/// <param name="store">Where conversations are kept.</param>
/// <param name="drain">Whether the server is stopping.</param>
/// <param name="journal">Where requests are remembered for a while.</param>
internal sealed class ChatSession(ModelHost host, TimeProvider time, PageKey key, ConversationStore store, ServerDrain drain, RequestJournal journal) : IDisposable
{
    // More often is not seen, and would cost the browser more than the text is worth.
    private static readonly TimeSpan s_frame = TimeSpan.FromMilliseconds(33);
    private static readonly TimeSpan s_saving = TimeSpan.FromSeconds(3);
    private readonly HashSet<ChatNode> _unsaved = [];
    private CancellationTokenSource? _stop;
    private bool _isDisposed;

    /// <summary>Something other than the text of a message has changed.</summary>
    public event Action? Changed;

    /// <summary>A message has changed.</summary>
    public event Action<ChatNode>? NodeChanged;

    /// <summary>The conversation that is shown.</summary>
    public ChatDocument Chat { get; private set; } = null!;

    /// <summary>Those that are kept, the latest first.</summary>
    public IReadOnlyList<ChatSummary> Summaries { get; private set; } = [];

    /// <summary>The answer in the making; null for none.</summary>
    public ChatNode? Answering { get; private set; }

    /// <summary>Whether a model works for this page.</summary>
    public bool IsBusy => _stop is not null;

    /// <summary>What is said for screen readers.</summary>
    public string Announcement { get; private set; } = string.Empty;

    /// <summary>Begins an empty conversation, with the model and settings of the one before.</summary>
    public void StartNew(bool isPrivate = false)
    {
        Stop();
        ChatDocument? before = Chat;
        Chat = new ChatDocument { Id = ChatNode.NewId(), Created = time.GetUtcNow(), Updated = time.GetUtcNow(), IsPrivate = isPrivate };
        if (before is not null)
        {
            (Chat.Model, Chat.System, Chat.Settings) = (before.Model, before.System, (JsonObject)before.Settings.DeepClone());
        }

        _unsaved.Clear();
        Changed?.Invoke();
    }

    /// <summary>Shows a conversation that is kept.</summary>
    /// <returns>Whether it is there.</returns>
    public async Task<bool> OpenAsync(string id)
    {
        if (Chat?.Id == id)
        {
            return true;
        }

        if (await store.LoadAsync(id) is not ChatDocument chat)
        {
            return false;
        }

        Stop();
        Chat = chat;
        _unsaved.Clear();
        Changed?.Invoke();
        return true;
    }

    /// <summary>Shows a conversation that came from a file, and keeps it.</summary>
    public async Task ImportAsync(ChatDocument chat)
    {
        ArgumentNullException.ThrowIfNull(chat);
        Stop();
        Chat = chat;
        _unsaved.Clear();
        _unsaved.UnionWith(chat.Nodes.Values);
        await SaveAsync();
        await RefreshAsync();
    }

    /// <summary>Reads the list of conversations again.</summary>
    public async Task RefreshAsync()
    {
        try
        {
            Summaries = await store.ListAsync();
        }
        catch (Exception exception) when (exception is JSException or JSDisconnectedException or OperationCanceledException)
        {
            // A browser that keeps nothing, as in its own private mode.
            Summaries = [];
        }

        Changed?.Invoke();
    }

    /// <summary>Another tab has changed a conversation.</summary>
    public async Task TakeChangeAsync(string id)
    {
        if (Chat.Id == id && !IsBusy && await store.LoadAsync(id) is ChatDocument chat)
        {
            Chat = chat;
        }

        await RefreshAsync();
    }

    /// <summary>Forgets a conversation.</summary>
    public async Task RemoveAsync(string id)
    {
        await store.RemoveAsync(id);
        if (Chat.Id == id)
        {
            StartNew();
        }

        await RefreshAsync();
    }

    /// <summary>Gives the conversation another title.</summary>
    public async Task RenameAsync(string title)
    {
        Chat.Title = title;
        await SaveAsync();
        await RefreshAsync();
    }

    /// <summary>Keeps what has been set.</summary>
    public async Task KeepSettingsAsync()
    {
        Changed?.Invoke();
        if (Chat.Nodes.Count > 0)
        {
            await SaveAsync();
        }
    }

    /// <summary>Ends the answer in the making.</summary>
    public void Stop() => _stop?.Cancel();

    /// <summary>Says something, and lets the model answer.</summary>
    public Task SendAsync(string text) => SendAsync(text, Chat.Leaf);

    /// <summary>Says something else in the place of a message, on a branch of its own.</summary>
    public async Task EditAsync(ChatNode node, string text)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Role == ChatMessage.UserRole)
        {
            await SendAsync(text, node.Parent);
            return;
        }

        ChatNode edited = new() { Id = ChatNode.NewId(), Parent = node.Parent, Role = node.Role, Created = time.GetUtcNow(), Content = text, Reasoning = node.Reasoning, Model = node.Model };
        await AddAsync(edited);
    }

    /// <summary>Gives a tool's result, and lets the model go on.</summary>
    public async Task AnswerCallAsync(ChatNode node, ChatToolCall call, string result)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(call);
        ChatNode answer = new()
        {
            Id = ChatNode.NewId(),
            Parent = Chat.Leaf,
            Role = ChatMessage.ToolRole,
            Created = time.GetUtcNow(),
            Content = result,
            ToolCallId = call.Id,
            ToolName = call.Name,
        };
        await AddAsync(answer);
        HashSet<string?> answered = [.. Chat.Path().Select(other => other.ToolCallId)];
        if (node.ToolCalls?.All(other => answered.Contains(other.Id)) == true)
        {
            await AnswerAsync(NewAnswer(answer.Id), null);
        }
    }

    /// <summary>Lets the model answer again, on a branch of its own.</summary>
    public Task RegenerateAsync(ChatNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return AnswerAsync(NewAnswer(node.Parent), null);
    }

    /// <summary>Lets the model go on with an answer.</summary>
    public Task ContinueAsync(ChatNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return AnswerAsync(node, AnswerStart.After(node));
    }

    /// <summary>Lets the model go on with an answer as if it had chosen another token, on a branch of its own.</summary>
    public Task ContinueWithAsync(ChatNode node, int index, TokenChoice instead)
    {
        ArgumentNullException.ThrowIfNull(node);
        return AnswerAsync(NewAnswer(node.Parent), AnswerStart.Instead(node, index, instead));
    }

    /// <summary>Asks the model how sure it is of an answer's tokens, where that was not kept while it was made.</summary>
    /// <returns>Why that is not known; null where it is.</returns>
    public async Task<string?> ScoreAsync(ChatNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Tokens is not null || IsBusy || _isDisposed)
        {
            return null;
        }

        ChatDocument chat = Chat;
        using CancellationTokenSource stop = new();
        _stop = stop;
        Changed?.Invoke();
        string? error = null;
        try
        {
            JsonObject body = ChatRequestBody.Write(chat, chat.Path().TakeWhile(other => other != node));
            body["model"] = node.Model ?? chat.Model;
            await drain.RunAsync(token => Task.Run(async () => node.Tokens = await new AnswerScores(host, journal).ReadAsync(body, node, key, token), token), stop.Token);
            _unsaved.Add(node);
        }
        catch (OperationCanceledException)
        {
            error = "Stopped.";
        }
#pragma warning disable CA1031 // Whatever goes wrong is told beside the answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error = ErrorTable.Describe(exception).Message;
        }

        _stop = null;
        Changed?.Invoke();
        await SaveAsync(chat);
        return error;
    }

    /// <summary>Shows the branch of a message.</summary>
    public async Task ShowAsync(ChatNode node)
    {
        Chat.Show(node);
        Changed?.Invoke();
        await SaveAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _stop?.Cancel();
    }

    private async Task SendAsync(string text, string? parent)
    {
        ChatNode question = new() { Id = ChatNode.NewId(), Parent = parent, Role = ChatMessage.UserRole, Created = time.GetUtcNow(), Content = text };
        await AddAsync(question);
        await AnswerAsync(NewAnswer(question.Id), null);
    }

    private async Task AddAsync(ChatNode node)
    {
        Chat.Add(node);
        _unsaved.Add(node);
        Changed?.Invoke();
        await SaveAsync();
    }

    private ChatNode NewAnswer(string? parent) => new() { Id = ChatNode.NewId(), Parent = parent, Role = ChatMessage.AssistantRole, Created = time.GetUtcNow() };

    private async Task AnswerAsync(ChatNode node, AnswerStart? start)
    {
        if (IsBusy || _isDisposed)
        {
            return;
        }

        ChatDocument chat = Chat;
        using CancellationTokenSource stop = new();
        _stop = stop;
        Answering = node;
        node.Live = new LiveText();
        (node.Content, node.Reasoning, node.ToolCalls, node.Tokens, node.Error) = (string.Empty, null, null, null, null);
        if (!chat.Nodes.ContainsKey(node.Id))
        {
            chat.Add(node);
        }

        Announcement = "The model answers";
        Changed?.Invoke();
        List<ChatNode> messages = chat.Path();
        JsonObject body = ChatRequestBody.Write(chat, messages.TakeWhile(other => other != node));
        AnswerRun run = new(host, time, journal);
        AnswerWriter writer = new(node);
        try
        {
            Task work = drain.RunAsync(token => Task.Run(() => run.RunAsync(body, start, key, token), token), stop.Token);
            long saved = time.GetTimestamp();
            Task saving = Task.CompletedTask;
            while (!work.IsCompleted)
            {
                await Task.WhenAny(work, Task.Delay(s_frame, time, CancellationToken.None));
                Take(run, writer, node);
                if (time.GetElapsedTime(saved) > s_saving && saving.IsCompleted)
                {
                    saved = time.GetTimestamp();
                    writer.Write();
                    _unsaved.Add(node);
                    saving = SaveAsync(chat);
                }
            }

            await work;
        }
        catch (OperationCanceledException)
        {
            // It was stopped, and stays as it is.
        }
#pragma warning disable CA1031 // Whatever goes wrong is told in the conversation.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            node.Error = ErrorTable.Describe(exception).Message;
        }

        Take(run, writer, node);
        writer.End();
        node.Raw = run.Raw == node.Content ? null : run.Raw;
        node.Activity = null;
        node.Version++;
        Announcement = node.Error is null ? "The answer is complete" : "There is no answer";
        (_stop, Answering) = (null, null);
        _unsaved.Add(node);
        NodeChanged?.Invoke(node);
        Changed?.Invoke();
        await SaveAsync(chat);
        await RefreshAsync();
    }

    private void Take(AnswerRun run, AnswerWriter writer, ChatNode node)
    {
        IReadOnlyList<ChatEvent> events = run.TakeEvents();
        bool hasChanged = events.Count > 0 || node.Activity != run.Activity;
        writer.Add(events);
        (node.Activity, node.Facts, node.Model) = (run.Activity, run.Facts, run.Model);
        if (hasChanged)
        {
            node.Version++;
            NodeChanged?.Invoke(node);
        }
    }

    private Task SaveAsync() => SaveAsync(Chat);

    private async Task SaveAsync(ChatDocument chat)
    {
        if (chat.IsPrivate || _isDisposed)
        {
            return;
        }

        ChatNode[] nodes = [.. _unsaved.Where(node => chat.Nodes.ContainsKey(node.Id))];
        try
        {
            await store.SaveAsync(chat, nodes);
            _unsaved.ExceptWith(nodes);
        }
        catch (Exception exception) when (exception is JSException or JSDisconnectedException or OperationCanceledException)
        {
            // What could not be kept is kept the next time.
        }
    }
}
