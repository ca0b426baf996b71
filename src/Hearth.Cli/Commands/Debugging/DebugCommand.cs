using System.CommandLine;
using System.Text;

namespace Hearth.Cli.Commands.Debugging;

/// <summary>
/// <c>hearth debug</c>: the parts of the engine one by one, for people whose model misbehaves and for scripts that check them.
/// </summary>
internal static class DebugCommand
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Far above any text or tensor that somebody looks at; a device or a growing pipe ends here.
    private const int MaxBytes = 1 << 28;

    public static Command Create(CliContext context) => new("debug", "Look at one part of the engine: tokens, logits, embeddings, templates, tensor formats.")
    {
        TokenCommands.CreateTokenize(context),
        TokenCommands.CreateDetokenize(context),
        LogitsCommand.Create(context),
        EmbedCommand.Create(context),
        TemplateCommand.Create(),
        DequantizeCommand.Create(),
    };

    /// <summary>A file's text.</summary>
    /// <exception cref="IOException">The file is not there, or is not UTF-8.</exception>
    public static async Task<string> ReadTextAsync(string path, CancellationToken cancellationToken)
    {
        byte[] bytes = await ReadBytesAsync(path, cancellationToken);
        try
        {
            return s_strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new IOException($"'{path}' is not UTF-8 text: the bytes at offset {exception.Index} are no character.", exception);
        }
    }

    /// <summary>A file's bytes.</summary>
    /// <exception cref="IOException">The file is not there, is a folder, or has no end within 256 MiB.</exception>
    public static async Task<byte[]> ReadBytesAsync(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder; give the path of a file.");
        }

        await using FileStream file = File.OpenRead(path);
        using MemoryStream bytes = new(file.CanSeek ? (int)Math.Min(file.Length, MaxBytes) : 0);
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = await file.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (bytes.Length + read > MaxBytes)
            {
                throw new IOException($"'{path}' has more than {MaxBytes} bytes; give a smaller file.");
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }
}
