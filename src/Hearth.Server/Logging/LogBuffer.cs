using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Hearth.Server.Logging;

/// <summary>The latest lines of the log, for <c>GET /logs</c>.</summary>
internal sealed class LogBuffer(TimeProvider time) : ILoggerProvider
{
    private const int MaxLines = 4096;
    private const int MaxUnread = 1024;
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = [];
    private readonly List<ChannelWriter<string>> _followers = [];

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _followers.ForEach(follower => follower.TryComplete());
        }
    }

    /// <summary>The lines that there are, and with <paramref name="follow"/> those to come; a reader that is too slow loses the oldest.</summary>
    public async IAsyncEnumerable<string> ReadAsync(bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<string> coming = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxUnread) { FullMode = BoundedChannelFullMode.DropOldest });
        string[] lines;
        lock (_gate)
        {
            lines = [.. _lines];
            if (follow)
            {
                _followers.Add(coming.Writer);
            }
        }

        try
        {
            foreach (string line in lines)
            {
                yield return line;
            }

            if (follow)
            {
                await foreach (string line in coming.Reader.ReadAllAsync(cancellationToken))
                {
                    yield return line;
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _followers.Remove(coming.Writer);
            }
        }
    }

    private void Add(LogLevel level, string message, Exception? exception)
    {
        string text = exception is null ? message : $"{message}: {exception}";
        string line = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {NameOf(level)} {text}");
        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }

            _followers.ForEach(follower => follower.TryWrite(line));
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Warning => "warn",
        LogLevel.Error or LogLevel.Critical => "error",
        _ => "info",
    };

    private sealed class Logger(LogBuffer buffer) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                buffer.Add(logLevel, formatter(state, exception), exception);
            }
        }
    }
}
