using System.CommandLine;
using System.Text;

namespace Hearth.Cli.Commands.Debugging;

/// <summary><c>hearth debug</c>: the parts of the engine one by one, for people whose model misbehaves and for scripts that check them.</summary>
internal static class DebugCommand
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Command Create() => new("debug", "Look at one part of the engine: tokens, logits, templates, tensor formats.")
    {
        TokenCommands.CreateTokenize(),
        TokenCommands.CreateDetokenize(),
        LogitsCommand.Create(),
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
    /// <exception cref="IOException">The file is not there, or is a folder.</exception>
    public static Task<byte[]> ReadBytesAsync(string path, CancellationToken cancellationToken) => Directory.Exists(path)
        ? throw new IOException($"'{path}' is a folder; give the path of a file.")
        : File.ReadAllBytesAsync(path, cancellationToken);
}
