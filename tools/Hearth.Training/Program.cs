using Hearth.Training;

return args switch
{
    ["train", .. string[] rest] => await TrainCommand.RunAsync(new Arguments(rest, "data", "out", "seed", "steps", "layers", "width", "inner", "vocabulary")),
    ["evaluate", .. string[] rest] => await EvaluateCommand.RunAsync(new Arguments(rest, "model", "data", "verbose")),
    ["sample", .. string[] rest] => SampleCommand.Run(new Arguments(rest, "data", "seed", "count")),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        Usage:
          train    --data FOLDER --out FILE [--seed 1] [--steps 1700]   train a guide on a folder's text and write it
          evaluate --data FOLDER --model FILE [--verbose true]          ask the held-out questions and print the share answered
          sample   --data FOLDER [--seed 1] [--count 20]                print training dialogues
        """);
    return 2;
}
