using System.Buffers;
using System.Net.Http.Headers;

namespace Hearth.Store.Registries.Http;

/// <summary>The body of an answer, read with bounds on time and size.</summary>
/// <param name="response">The answer.</param>
/// <param name="stream">Its body.</param>
/// <param name="stallTimeout">How long it may be silent.</param>
internal sealed class ResponseBody(HttpResponseMessage response, Stream stream, TimeSpan stallTimeout) : IDisposable
{
    private const int BufferBytes = 16 * 1024;
    private readonly string _address = RegistryHttp.Redact(response.RequestMessage!.RequestUri!);

    /// <summary>Begins to read.</summary>
    public static async Task<ResponseBody> OpenAsync(HttpResponseMessage response, TimeSpan stallTimeout, CancellationToken cancellationToken) =>
        new(response, await response.Content.ReadAsStreamAsync(cancellationToken), stallTimeout);

    /// <summary>Reads some bytes; 0 at the end.</summary>
    /// <exception cref="RegistryException">The connection is broken, or silent for too long.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(stallTimeout);
        try
        {
            return await stream.ReadAsync(buffer, stall.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure($"sent nothing for {stallTimeout.TotalSeconds:F0} s", exception);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw Failure("broke off", exception);
        }
    }

    /// <summary>Reads all of a small body.</summary>
    /// <param name="limit">Bytes that it may have.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RegistryException">It has more, or the connection is broken.</exception>
    public async Task<byte[]> ReadAllAsync(int limit, CancellationToken cancellationToken)
    {
        HttpContentHeaders headers = response.Content.Headers;
        if (headers.ContentLength > limit)
        {
            throw TooLong($"{headers.ContentLength} bytes", limit);
        }

        ArrayBufferWriter<byte> body = new();
        for (int read; (read = await ReadAsync(body.GetMemory(BufferBytes), cancellationToken)) > 0;)
        {
            body.Advance(read);
            if (body.WrittenCount > limit)
            {
                throw TooLong("more", limit);
            }
        }

        return body.WrittenSpan.ToArray();
    }

    public void Dispose() => stream.Dispose();

    private RegistryException Failure(string what, Exception exception) =>
        new(RegistryErrorKind.Unavailable, $"The answer of {_address} {what}.", exception) { IsTransient = true };

    private RegistryException TooLong(string found, int limit) => new(RegistryErrorKind.Invalid, $"The answer of {_address} has {found}; expected at most {limit} bytes.");
}
