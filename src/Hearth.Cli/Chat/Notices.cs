namespace Hearth.Cli.Chat;

/// <summary>What a user should know about a model before its first answer.</summary>
internal static class Notices
{
    public static void WriteMissingTemplate(ChatSession session)
    {
        if (!session.Model.HasChatTemplate && !session.Settings.Raw)
        {
            Console.Error.WriteLine("hearth: this model has no chat template; using ChatML. Use --raw to feed text as it is.");
        }
    }
}
