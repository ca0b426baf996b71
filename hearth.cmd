@echo off
rem Runs Hearth from its sources: builds Release (a build that has nothing to do is quick), then runs it with the arguments given.
setlocal
set "ROOT=%~dp0"
where dotnet >nul 2>nul
if errorlevel 1 (
  echo hearth: the .NET 10 SDK is not installed; get it from https://dotnet.microsoft.com/download 1>&2
  exit /b 127
)
rem Compiling ahead of time needs a package that may not be to be had; without it, Hearth only takes longer to start.
set "OUTPUT=%ROOT%src\Hearth.Cli\bin\precompiled"
dotnet build "%ROOT%src\Hearth.Cli\Hearth.Cli.csproj" -c Release -v quiet --nologo -clp:ErrorsOnly -p:RunAnalyzers=false -p:Precompile=true >nul 2>nul
if not errorlevel 1 goto run
set "OUTPUT=%ROOT%src\Hearth.Cli\bin\Release\net10.0"
dotnet build "%ROOT%src\Hearth.Cli\Hearth.Cli.csproj" -c Release -v quiet --nologo -clp:ErrorsOnly -p:RunAnalyzers=false 1>&2
if errorlevel 1 exit /b 1
:run
dotnet "%OUTPUT%\hearth.dll" %*
