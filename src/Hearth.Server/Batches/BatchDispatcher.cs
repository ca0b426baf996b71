using System.Globalization;
using Hearth.Server.Access;
using Hearth.Server.Chat;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server.Batches;

/// <summary>Sends the requests of batches through the server's own routes: after those of clients, and only so many at a time.</summary>
internal sealed class BatchDispatcher(IServiceProvider services, int atOnce, TimeProvider time) : IDisposable
{
    private const string Embeddings = "/v1/embeddings";
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _places = new(atOnce, atOnce);

    // Embedding takes turns, in which whoever comes first goes first: no more than one of these is in anybody's way.
    private readonly SemaphoreSlim _embeddingPlace = new(1, 1);

    /// <summary>The server's routes.</summary>
    public RequestDelegate Routes { get; set; } = _ => throw new InvalidOperationException("The server has no routes yet.");

    /// <summary>Runs a request, again and again while the answer says that another try may succeed.</summary>
    /// <param name="endpoint">The route.</param>
    /// <param name="body">The request's body.</param>
    /// <param name="owner">Whose it is.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<BatchAnswer> RunAsync(string endpoint, byte[] body, string? owner, CancellationToken cancellationToken)
    {
        SemaphoreSlim places = endpoint == Embeddings ? _embeddingPlace : _places;
        while (true)
        {
            await places.WaitAsync(cancellationToken);
            BatchAnswer answer;
            try
            {
                answer = await SendAsync(endpoint, body, owner, cancellationToken);
            }
            finally
            {
                places.Release();
            }

            if (answer.RetryAfter is not TimeSpan wait)
            {
                return answer;
            }

            await Task.Delay(wait < s_longestWait ? wait : s_longestWait, time, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _places.Dispose();
        _embeddingPlace.Dispose();
    }

    private async Task<BatchAnswer> SendAsync(string endpoint, byte[] body, string? owner, CancellationToken cancellationToken)
    {
        BackgroundWork.Enter();
        using MemoryStream received = new();
        DefaultHttpContext context = new() { RequestServices = services, RequestAborted = cancellationToken, TraceIdentifier = $"req_{Guid.NewGuid():N}" };
        context.Request.Method = HttpMethods.Post;
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("localhost");
        context.Request.Path = endpoint;
        context.Request.ContentType = "application/json";
        context.Request.ContentLength = body.Length;
        context.Request.Body = new MemoryStream(body, writable: false);
        context.Response.Body = received;
        RequestOwner.Set(context, owner);
        await Routes(context);
        cancellationToken.ThrowIfCancellationRequested();
        await context.Response.CompleteAsync();
        int status = context.Response.StatusCode;
        TimeSpan? retry = status is 429 or 503 && int.TryParse(context.Response.Headers.RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            ? TimeSpan.FromSeconds(Math.Max(1, seconds))
            : null;
        return new BatchAnswer(status, received.ToArray(), context.TraceIdentifier, retry);
    }
}
