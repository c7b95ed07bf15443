import { Argument, type Command } from 'commander';
import { group, type House } from '../verb.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

/** `dueday completion <shell>`: what makes the shell complete our words. */
export function completionCommand({ screen }: House): Command {
  const command = group({ screen }, 'completion', 'print what makes your shell complete the words of dueday');
  return command
    .addArgument(new Argument('<shell>', 'the one that you type in').choices(shells))
    .addHelpText('after', HOW)
    .action(async (shell: Shell) => {
      const { scriptFor } = await import('../completion-script.ts');
      if (command.parent !== null) screen.print(scriptFor(shell, command.parent));
    });
}

const HOW = `
For good, with dueday on the PATH:
  bash  dueday completion bash >> ~/.bashrc
  zsh   dueday completion zsh >> ~/.zshrc
  fish  dueday completion fish > ~/.config/fish/completions/dueday.fish`;
