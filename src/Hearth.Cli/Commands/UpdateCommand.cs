using System.CommandLine;
using System.Text.Json.Nodes;
using Hearth.Cli.Configuration;
using Hearth.Cli.Updates;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth update</c>.</summary>
internal static class UpdateCommand
{
    public static Command Create(CliContext context)
    {
        Option<bool> check = new("--check") { Description = "Ask now; without it nothing is asked" };
        Option<bool> json = ModelArguments.Json("Print an object in JSON instead of text");
        Command command = new("update", "Tell whether there is a newer release, from the address in $HEARTH_UPDATE_URL. Nothing else of Hearth asks for that, and nothing is installed.") { check, json };
        return command.Do(context, async (parsed, cancellationToken) =>
        {
            if (!parsed.GetValue(check))
            {
                throw new CliUsageException("Nothing is installed by this command; 'hearth update --check' tells whether there is a newer release.");
            }

            ProgramSetting setting = ProgramSettingTable.UpdateUrl;
            if (new ProgramConfiguration(context).Find(setting) is not { Texts: [string text] })
            {
                throw new CliUsageException($"There is no address to ask: set {setting.Variable} to the repository that releases come from, such as https://github.com/OWNER/NAME.");
            }

            Release release = await ReleaseFeed.LatestAsync(ProgramSettingTable.ParseUrl(text), cancellationToken);
            SemanticVersion latest = SemanticVersion.Read(release.Tag) ?? throw new IOException($"The latest release is called '{release.Tag}', which is no version.");
            bool isNewer = latest.CompareTo(SemanticVersion.Read(VersionCommand.Version)) > 0;
            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(new JsonObject { ["version"] = VersionCommand.Version, ["latest"] = release.Tag, ["newer"] = isNewer, ["url"] = release.Page }.ToJsonString(PsCommand.Indented));
            }
            else
            {
                context.Output.WriteLine(TerminalText.Printable(isNewer
                    ? $"{release.Tag} is newer than this version, {VersionCommand.Version}{(release.Page is null ? string.Empty : $": {release.Page}")}"
                    : $"This version, {VersionCommand.Version}, is the latest; the latest release is {release.Tag}."));
            }

            return ExitCode.Success;
        });
    }
}
