using System.Collections.Concurrent;
using Hearth.Server.Errors;

namespace Hearth.Server.Access;

/// <summary>
/// Counts what keys use and holds them to their limits. A request is refused when the limit is used up already; what a request that runs takes over it
/// is made up for by those after it. Counts begin anew with the process.
/// </summary>
internal sealed class KeyLimits(TimeProvider time)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);
    private readonly ConcurrentDictionary<string, Usage> _byHash = new();

    /// <summary>Counts a request.</summary>
    /// <exception cref="ApiException">The key has used up one of its limits.</exception>
    public void Begin(ApiKey key)
    {
        Usage usage = _byHash.GetOrAdd(key.Hash, _ => new Usage());
        lock (usage)
        {
            DateTimeOffset now = time.GetUtcNow();
            Check(key, usage.Requests, s_minute, key.RequestsPerMinute, "requests in a minute", now);
            Check(key, usage.Tokens, s_minute, key.TokensPerMinute, "tokens in a minute", now);
            Check(key, usage.DayTokens, s_day, key.TokensPerDay, "tokens in a day", now);
            usage.Requests.Add(1, s_minute, now);
        }
    }

    /// <summary>Counts tokens of a request.</summary>
    public void Add(ApiKey key, long tokens)
    {
        Usage usage = _byHash.GetOrAdd(key.Hash, _ => new Usage());
        lock (usage)
        {
            DateTimeOffset now = time.GetUtcNow();
            usage.Tokens.Add(tokens, s_minute, now);
            usage.DayTokens.Add(tokens, s_day, now);
        }
    }

    private static void Check(ApiKey key, Window window, TimeSpan length, long? limit, string what, DateTimeOffset now)
    {
        if (limit is long most && window.Count(length, now) >= most)
        {
            throw new ApiException(429, "rate_limit_error", $"The key '{key.Name}' may have {most} {what}; they are used up.", null, "rate_limit_exceeded")
            {
                RetryAfter = window.Begun + length - now,
            };
        }
    }

    private sealed class Usage
    {
        public Window Requests { get; } = new();

        public Window Tokens { get; } = new();

        public Window DayTokens { get; } = new();
    }

    // Begins with the first count after the last one has ended.
    private sealed class Window
    {
        private long _count;

        public DateTimeOffset Begun { get; private set; }

        public long Count(TimeSpan length, DateTimeOffset now) => now - Begun < length ? _count : 0;

        public void Add(long amount, TimeSpan length, DateTimeOffset now)
        {
            if (now - Begun >= length)
            {
                (Begun, _count) = (now, 0);
            }

            _count += amount;
        }
    }
}
