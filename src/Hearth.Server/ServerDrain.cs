using Hearth.Server.Errors;
using Hearth.Server.Ui;
using Microsoft.AspNetCore.Http;

namespace Hearth.Server;

/// <summary>
/// Lets a server end without cutting anybody off: from then on new requests are refused, those that run may go on for a time, and whatever runs
/// after that is told so.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ServerDrain(TimeProvider time) : IDisposable
{
    /// <summary>The path that answers as long as the program does; all others are refused once the server is told to end.</summary>
    public const string LivePath = "/health/live";

    /// <summary>The path that says whether new requests are taken.</summary>
    public const string ReadyPath = "/health/ready";

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _isStopping;

    /// <summary>What a request that comes too late, or takes too long, is told.</summary>
    public static ApiException Stopping() => new(503, "server_error", "The server is stopping.", null, "server_stopping") { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <summary>Whether a request was ended by the server, and not by its client.</summary>
    public static bool HasEnded(HttpContext context) =>
        context.Features.Get<RequestLifetime>() is { } lifetime && lifetime.Ended.IsCancellationRequested && !lifetime.ClientGone.IsCancellationRequested;

    /// <summary>The token of a request's client, which is not cancelled when the server ends the request.</summary>
    public static CancellationToken ClientGone(HttpContext context) => context.Features.Get<RequestLifetime>()?.ClientGone ?? context.RequestAborted;

    /// <summary>Runs a request, unless the server is stopping.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.Equals(LivePath, StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }

        if (PagePaths.IsConnection(context.Request))
        {
            // A page that is open is nothing to wait for; what it asks for is.
            ThrowIfStopping(context);
            await next(context);
            return;
        }

        Enter(context);
        CancellationToken clientGone = context.RequestAborted;
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(clientGone, _ended.Token);
        context.Features.Set(new RequestLifetime(clientGone, _ended.Token));
        context.RequestAborted = ended.Token;
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (HasEnded(context))
        {
            throw Stopping();
        }
        finally
        {
            context.RequestAborted = clientGone;
            Leave();
        }
    }

    /// <summary>Runs what an open page has asked for, as a request of its own.</summary>
    /// <param name="work">The work; its token is cancelled when the server ends it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ApiException">The server is stopping.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        Enter(null);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        try
        {
            await work(ended.Token);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Stopping();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Refuses new requests and waits until none runs.</summary>
    /// <param name="limit">How long; what runs then is ended.</param>
    /// <param name="hurry">Ends what runs now.</param>
    public async Task DrainAsync(TimeSpan limit, CancellationToken hurry)
    {
        lock (_gate)
        {
            _isStopping = true;
            if (_running == 0)
            {
                _idle.TrySetResult();
            }
        }

        try
        {
            await _idle.Task.WaitAsync(limit, time, hurry);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            await _ended.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();

    private void Enter(HttpContext? context)
    {
        lock (_gate)
        {
            ThrowIfStopping(context);
            _running++;
        }
    }

    private void ThrowIfStopping(HttpContext? context)
    {
        lock (_gate)
        {
            if (!_isStopping)
            {
                return;
            }
        }

        if (context is not null)
        {
            context.Response.Headers.Connection = "close";
        }

        throw Stopping();
    }

    private void Leave()
    {
        lock (_gate)
        {
            _running--;
            if (_isStopping && _running == 0)
            {
                _idle.TrySetResult();
            }
        }
    }

    private sealed record RequestLifetime(CancellationToken ClientGone, CancellationToken Ended);
}
