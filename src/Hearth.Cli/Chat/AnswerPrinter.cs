using Hearth.Engine.Scheduling;

namespace Hearth.Cli.Chat;

/// <summary>Prints one answer as it is made: text to standard output, everything else to standard error.</summary>
internal sealed class AnswerPrinter(ChatSession session)
{
    private bool _showsProgress;

    /// <summary>Asks, prints, and ends the line.</summary>
    public async Task AskAsync(string text, CancellationToken cancellationToken)
    {
        GenerationFinished? finished = null;
        try
        {
            finished = await session.AskAsync(text, Write, ShowProgress, cancellationToken);
        }
        finally
        {
            EndProgress();
            if (finished is not null || cancellationToken.IsCancellationRequested)
            {
                Console.WriteLine();
            }
        }

        if (session.Settings.Verbose)
        {
            WriteRates(finished);
        }
    }

    // A file or a pipe gets what the model says; a terminal is not to be steered by it.
    private void Write(string text)
    {
        EndProgress();
        Console.Write(Console.IsOutputRedirected ? text : TerminalText.PrintableLines(text));
    }

    // A prompt that takes one step needs no progress; a longer one shows it where somebody watches.
    private void ShowProgress(PromptProgress progress)
    {
        if (progress.Processed < progress.Total && !Console.IsErrorRedirected)
        {
            _showsProgress = true;
            Console.Error.Write($"\rReading the prompt: {progress.Processed} of {progress.Total} tokens ({100L * progress.Processed / progress.Total} %)");
        }
    }

    private void EndProgress()
    {
        if (_showsProgress)
        {
            _showsProgress = false;
            Console.Error.Write("\r\u001b[K");
        }
    }

    private void WriteRates(GenerationFinished finished)
    {
        GenerationUsage usage = finished.Usage;
        GenerationTimings timings = finished.Timings;
        Console.Error.WriteLine($"""

            load      {session.Model.LoadTime.TotalMilliseconds,10:F1} ms
            prompt    {timings.Prompt.TotalMilliseconds,10:F1} ms  {usage.PromptTokens,6} tokens  {Rate(usage.PromptTokens, timings.Prompt),10:F1} tokens/s
            decode    {timings.Completion.TotalMilliseconds,10:F1} ms  {usage.CompletionTokens,6} tokens  {Rate(usage.CompletionTokens, timings.Completion),10:F1} tokens/s
            context   {usage.PromptTokens + usage.CompletionTokens,10} of {session.Model.ContextLength} tokens, {session.Model.Threads} threads, ended by {(finished.Reason == FinishReason.Length ? "the limit" : finished.StopText is null ? "the model" : "a stop text")}
            """);
    }

    private static double Rate(int tokens, TimeSpan time) => time > TimeSpan.Zero ? tokens / time.TotalSeconds : 0;
}
