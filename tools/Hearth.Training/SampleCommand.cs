using Hearth.Training.Numerics;
using Hearth.Training.Text;

namespace Hearth.Training;

/// <summary><c>sample</c>: prints dialogues as training sees them, for whoever writes the text.</summary>
internal static class SampleCommand
{
    /// <summary>Runs the command.</summary>
    public static int Run(Arguments arguments)
    {
        var sampler = new DialogueSampler(GuideText.Load(arguments.Text("data")));
        var random = new DeterministicRandom(arguments.Integer("seed", 1));
        for (int i = 0; i < arguments.Integer("count", 20); i++)
        {
            foreach (Message message in sampler.Next(random).Messages)
            {
                Console.WriteLine($"{message.Role}: {message.Content}");
            }

            Console.WriteLine();
        }

        return 0;
    }
}
