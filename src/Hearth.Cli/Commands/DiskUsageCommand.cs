using System.CommandLine;
using System.Text.Json;
using Hearth.Cli.Models;
using Hearth.Store;
using Hearth.Store.Storage;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth df</c>.</summary>
internal static class DiskUsageCommand
{
    public static Command Create(CliContext context)
    {
        Option<bool> json = ModelArguments.Json("Print an object in JSON instead of a table");
        Command command = new("df", "Print how much room the stored models need.") { json };
        return command.Do(context, parsed =>
        {
            ModelStore store = context.OpenStore();
            DiskUsage usage = store.MeasureUsage();
            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(JsonSerializer.Serialize(DiskUsageEntry.Of(store.Folder, usage), ModelJson.Plain.DiskUsageEntry));
                return ExitCode.Success;
            }

            TextTable table = new("TYPE", "SIZE");
            table.Add($"Models ({usage.Models})", HumanText.Size(usage.ModelBytes));
            table.Add("  shared by several", HumanText.Size(usage.SharedBytes));
            table.Add("In other programs' folders", HumanText.Size(usage.LinkedBytes));
            table.Add("Unused", HumanText.Size(usage.UnusedBytes));
            table.Add("Broken-off downloads", HumanText.Size(usage.PartialBytes));
            table.Add("Free on the drive", HumanText.Size(usage.FreeBytes));
            table.Write(context);
            return ExitCode.Success;
        });
    }
}
