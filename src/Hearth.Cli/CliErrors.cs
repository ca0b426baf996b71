using System.Text;
using System.Text.Json;
using Hearth.Engine.Adapters;
using Hearth.Engine.Cache;
using Hearth.Engine.Conversion;
using Hearth.Engine.Conversion.Safetensors;
using Hearth.Engine.Embedding;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Quantization;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Scheduling.Speculation;
using Hearth.Engine.Templates;
using Hearth.Engine.Tokenization;
using Hearth.Server.Hosting;
using Hearth.Server.Settings;
using Hearth.Store.Manifests;
using Hearth.Store.Modelfiles;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;

namespace Hearth.Cli;

/// <summary>The one table from failures to exit codes. Errors go to standard error, in one line, without a stack trace.</summary>
internal static class CliErrors
{
    /// <summary>Runs a command's work; a failure is told and becomes an exit code.</summary>
    public static Task<int> RunAsync(Func<Task<int>> work, CancellationToken cancellationToken) => RunAsync(work, Console.Error, cancellationToken);

    /// <summary>Runs a command's work; a failure is told and becomes an exit code.</summary>
    /// <param name="work">The work.</param>
    /// <param name="error">Where a failure is told.</param>
    /// <param name="cancellationToken">What the work ends with, too.</param>
    public static async Task<int> RunAsync(Func<Task<int>> work, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            return await work();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (CodeOf(exception) is int code)
        {
            await error.WriteLineAsync($"hearth: {TerminalText.Printable(exception.Message)}");
            return code;
        }
    }

    /// <summary>The exit code of a failure that has a message for people; null for a defect of the program.</summary>
    public static int? CodeOf(Exception exception) => exception switch
    {
        GgufException or ModelException or LoraException or TokenizerException or InvalidLogitsException or DraftModelException => ExitCode.Model,
        ModelNotFoundException or ManifestException => ExitCode.Model,
        SamplingOptionException or SettingException or CliUsageException or ReferenceException or ModelfileException => ExitCode.Usage,
        RegistryException or StoreException or PackageException or ModelInUseException => ExitCode.Failure,
        QuantizationException { IsUsage: var isUsage } => isUsage ? ExitCode.Usage : ExitCode.Failure,
        ConversionException { Kind: ConversionErrorKind.UnknownFileType or ConversionErrorKind.UnknownPreTokenizer } => ExitCode.Usage,
        ConversionException { Kind: ConversionErrorKind.FileExists or ConversionErrorKind.ValueOutOfRange } => ExitCode.Failure,
        ConversionException or SafetensorsException => ExitCode.Model,
        ContextLengthException or ContextMemoryException or EmbeddingException or OutOfMemoryException => ExitCode.Failure,
        ModelMemoryException or ModelBusyException or SettingsFileException or PrefixFolderException => ExitCode.Failure,
        QueueFullException or TimeLimitException or StepFailedException => ExitCode.Failure,
        TemplateException or JsonException or DecoderFallbackException => ExitCode.Failure,
        IOException or UnauthorizedAccessException => ExitCode.Failure,
        _ => null,
    };
}

/// <summary>Arguments that parse but make no sense together.</summary>
internal sealed class CliUsageException(string message) : Exception(message);
