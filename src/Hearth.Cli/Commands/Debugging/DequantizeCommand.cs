using System.CommandLine;
using System.Runtime.InteropServices;
using Hearth.Kernels.Formats;

namespace Hearth.Cli.Commands.Debugging;

/// <summary><c>hearth debug dequantize</c>.</summary>
internal static class DequantizeCommand
{
    private const int BlocksPerChunk = 4096;

    public static Command Create()
    {
        Argument<string> type = new("type") { Description = "A tensor format: Q4_K, IQ2_XXS, ...", HelpName = "TYPE" };
        Argument<string> file = new("file") { Description = "A file of blocks in that format", HelpName = "FILE" };
        Option<string> output = new("--out") { Description = "Receives the values as little-endian float32", Required = true, HelpName = "FILE" };
        Command command = new("dequantize", "Write the values of tensor blocks.") { type, file, output };
        command.SetAction((parsed, cancellationToken) => CliErrors.RunAsync(
            async () =>
            {
                TensorTypeInfo info = Find(parsed.GetValue(type)!);
                string path = parsed.GetValue(file)!;
                byte[] blocks = await DebugCommand.ReadBytesAsync(path, cancellationToken);
                if (blocks.Length % info.BlockBytes != 0)
                {
                    throw new IOException($"'{path}' has {blocks.Length} bytes, not a whole number of {info.Name} blocks of {info.BlockBytes}.");
                }

                await using FileStream values = File.Create(parsed.GetValue(output)!);
                Write(info, blocks, values);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static void Write(TensorTypeInfo info, ReadOnlySpan<byte> blocks, FileStream output)
    {
        float[] values = new float[BlocksPerChunk * info.BlockElements];
        while (!blocks.IsEmpty)
        {
            int count = Math.Min(BlocksPerChunk, blocks.Length / info.BlockBytes);
            Span<float> chunk = values.AsSpan(0, count * info.BlockElements);
            BlockCodec.Decode(info.Type, blocks[..(count * info.BlockBytes)], chunk);
            output.Write(MemoryMarshal.AsBytes(chunk));
            blocks = blocks[(count * info.BlockBytes)..];
        }
    }

    private static TensorTypeInfo Find(string name)
    {
        foreach (TensorTypeInfo info in TensorTypes.All)
        {
            if (info.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return info;
            }
        }

        throw new CliUsageException($"'{name}' is not a tensor format; known: {string.Join(", ", TensorTypes.All.Select(info => info.Name))}.");
    }
}
