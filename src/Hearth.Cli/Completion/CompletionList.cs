using System.CommandLine;
using System.CommandLine.Completions;
using Hearth.Cli.Commands;

namespace Hearth.Cli.Completion;

/// <summary>What the last word of a command line may become.</summary>
internal static class CompletionList
{
    /// <summary>What it may become.</summary>
    /// <param name="line">The command line up to the cursor, with the program's name.</param>
    /// <param name="context">What commands work with.</param>
    public static IReadOnlyList<CompletionItem> For(string line, CliContext context)
    {
        // The program may be called by any path; the parser knows it by its name.
        string[] parts = line.TrimStart().Split((char[]?)null, 2);
        string arguments = parts.Length > 1 ? parts[1].TrimStart() : string.Empty;
        string last = arguments[(arguments.LastIndexOfAny([' ', '\t']) + 1)..];
        string[] words = arguments.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string? command = words.Length > 1 || (words.Length == 1 && last.Length == 0) ? words[0] : null;
        RootCommand root = HearthCommand.Create(command, context);
        return
        [
            .. root.Parse(arguments).GetCompletions(arguments.Length)
                .Where(item => item.Label.StartsWith(last, StringComparison.Ordinal) && IsWanted(item, last))
                .DistinctBy(item => item.Label),
        ];
    }

    // Options are many; they are offered to who has begun one.
    private static bool IsWanted(CompletionItem item, string last) => item.Label.Length > 0 && item.Label[0] is not ('/' or '[') && (item.Label[0] != '-' || last.StartsWith('-'));
}
