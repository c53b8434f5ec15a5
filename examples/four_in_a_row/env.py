"""Four in a row as a PettingZoo AEC env: players take turns, nobody else's keys count in between."""

import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding
from pettingzoo.utils.env import AECEnv

from igym.rendering import Surface

COLUMNS, ROWS = 7, 6
LEFT, RIGHT, DROP = 7, 8, 9
"""Actions 0 to 6 drop a disc into that column; these three move the waiting disc and let go of it."""

WIDTH, HEIGHT, CELL, RADIUS = 600, 560, 70, 27
BOARD_X, BOARD_Y, WAITING_Y = 55, 124, 88
AGENTS = ["red", "yellow"]
COLORS = {"red": "#e4572e", "yellow": "#f3c64b"}
EDGES = {"red": "#a83a1b", "yellow": "#b98a16"}
NAMES = {"red": "Red", "yellow": "Yellow"}
DIRECTIONS = ((1, 0), (0, 1), (1, 1), (1, -1))


def line_of_four(board, column, row):
    """The cells of a line of four or more through this disc, or an empty list."""
    owner = board[column][row]
    for dx, dy in DIRECTIONS:
        cells = [(column, row)]
        for sign in (1, -1):
            x, y = column + sign * dx, row + sign * dy
            while 0 <= x < COLUMNS and 0 <= y < len(board[x]) and board[x][y] == owner:
                cells.append((x, y))
                x, y = x + sign * dx, y + sign * dy
        if len(cells) >= 4:
            return cells
    return []


class FourInARow(AECEnv):
    """`board` is a list of columns, each a list of owners from the bottom up. Whoever starts is drawn by lot."""

    metadata = {"name": "four_in_a_row"}

    def __init__(self):
        super().__init__()
        self.possible_agents = list(AGENTS)
        self.surface = Surface(WIDTH, HEIGHT)
        seen = {
            "observation": spaces.Box(-1, 1, (COLUMNS * ROWS,), np.int8),
            "action_mask": spaces.Box(0, 1, (DROP + 1,), np.int8),
        }
        self.observation_spaces = {agent: spaces.Dict(seen) for agent in AGENTS}
        self.action_spaces = {agent: spaces.Discrete(DROP + 1) for agent in AGENTS}

    def observation_space(self, agent):
        return self.observation_spaces[agent]

    def action_space(self, agent):
        return self.action_spaces[agent]

    def reset(self, seed=None, options=None):
        self.np_random, _ = seeding.np_random(seed)
        self.agents = list(AGENTS)
        self.agent_selection = AGENTS[int(self.np_random.integers(2))]
        self.rewards = dict.fromkeys(AGENTS, 0)
        self._cumulative_rewards = dict.fromkeys(AGENTS, 0)
        self.terminations = dict.fromkeys(AGENTS, False)
        self.truncations = dict.fromkeys(AGENTS, False)
        self.board = [[] for _ in range(COLUMNS)]
        self.moves = []
        self.column = COLUMNS // 2
        self.winner, self.line = None, []
        self.tell()
        self.surface.reset()
        self.draw_board()

    def tell(self):
        """Infos: discs played so far, the last disc's column (-1: none yet), and whose turn it is."""
        last = self.moves[-1] if self.moves else -1
        facts = {"discs": len(self.moves), "last_column": last}
        self.infos = {agent: {**facts, "turn": agent == self.agent_selection} for agent in AGENTS}

    def observe(self, agent):
        """The board from the bottom left, column by column: 1 own, -1 the other's, 0 empty; and what may be done."""
        seen = np.zeros((COLUMNS, ROWS), np.int8)
        for column, discs in enumerate(self.board):
            for row, owner in enumerate(discs):
                seen[column, row] = 1 if owner == agent else -1
        return {"observation": seen.reshape(-1), "action_mask": self.mask()}

    def mask(self):
        room = [len(discs) < ROWS for discs in self.board]
        steps = [self.column > 0, self.column < COLUMNS - 1, room[self.column]]
        return np.array(room + steps, np.int8)

    def step(self, action):
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self._cumulative_rewards[agent] = 0
        self._clear_rewards()
        if action in (LEFT, RIGHT):
            self.column += -1 if action == LEFT else 1
        else:
            self.drop(agent, self.column if action == DROP else int(action))
        self.tell()
        self._accumulate_rewards()

    def drop(self, agent, column):
        self.board[column].append(agent)
        self.moves.append(column)
        self.column = column
        other = AGENTS[1 - AGENTS.index(agent)]
        self.line = line_of_four(self.board, column, len(self.board[column]) - 1)
        if self.line:
            self.winner = agent
            self.rewards = {agent: 1, other: -1}
        if self.line or len(self.moves) == COLUMNS * ROWS:
            self.terminations = dict.fromkeys(AGENTS, True)
        self.agent_selection = other

    def draw_board(self):
        s = self.surface
        s.rect(0, 0, WIDTH, HEIGHT, "#f4efe6", id="table", persistent=True, depth=-9)
        s.rect(
            BOARD_X - 12, BOARD_Y - 8, COLUMNS * CELL + 24, ROWS * CELL + 20, "#274c77", radius=18, id="board",
            persistent=True, depth=-5,
        )  # fmt: skip
        for column in range(COLUMNS):
            for row in range(ROWS):
                x, y = self.place(column, row)
                s.circle(
                    x, y, RADIUS + 2, "#1b3656", stroke="#19304d", line_width=2, id=f"hole {column} {row}",
                    persistent=True, depth=-4,
                )  # fmt: skip

    def place(self, column, row):
        return BOARD_X + (column + 0.5) * CELL, BOARD_Y + (ROWS - row - 0.5) * CELL

    def render(self, agent=None):
        """`agent` is who looks: the line at the top speaks to them."""
        heights = [0] * COLUMNS
        owner = self.first()
        for number, column in enumerate(self.moves):
            self.draw_disc(
                number, owner, *self.place(column, heights[column]), fall_ms=90 + 45 * (ROWS - heights[column])
            )
            heights[column] += 1
            owner = AGENTS[1 - AGENTS.index(owner)]
        for cell in self.line:
            x, y = self.place(*cell)
            self.surface.circle(x, y, 11, None, stroke="white", line_width=5, id=f"line {cell}", depth=3)
        if not self.over:
            self.draw_waiting(agent)
        self.draw_words(agent)
        return self.surface.commit()

    def first(self):
        """Who played the first disc: turns alternate."""
        if self.over:
            return self.board[self.moves[0]][0]
        return self.agent_selection if len(self.moves) % 2 == 0 else AGENTS[1 - AGENTS.index(self.agent_selection)]

    @property
    def over(self):
        return self.winner is not None or len(self.moves) == COLUMNS * ROWS

    def draw_disc(self, number, owner, x, y, fall_ms, alpha=1.0):
        """The waiting disc and the fallen one are one object: letting go makes it fall."""
        self.surface.circle(
            x, y, RADIUS, COLORS[owner], stroke=EDGES[owner], line_width=4, alpha=alpha, id=f"disc {number}",
            persistent=True, depth=2, tween_ms=fall_ms,
        )  # fmt: skip

    def draw_waiting(self, agent):
        x = BOARD_X + (self.column + 0.5) * CELL
        mine = agent in (None, self.agent_selection)
        self.draw_disc(len(self.moves), self.agent_selection, x, WAITING_Y, 70, 1.0 if mine else 0.45)
        if not self.moves:
            return
        column = self.moves[-1]
        last_x, last_y = self.place(column, len(self.board[column]) - 1)
        self.surface.circle(last_x, last_y, 6, "white", alpha=0.8, id=f"last {len(self.moves)}", depth=3)

    def draw_words(self, agent):
        s, turn = self.surface, self.agent_selection
        if self.winner:
            words = "You win!" if self.winner == agent else f"{NAMES[self.winner]} wins"
        elif self.over:
            words = "The board is full: a draw"
        else:
            words = "Your turn" if turn == agent else f"{NAMES[turn]} is thinking …"
        s.text(WIDTH / 2, 30, words, "#1d2b3a", size=26, align="center", id="words", depth=4)
        if agent:
            s.circle(38, 30, 13, COLORS[agent], stroke=EDGES[agent], line_width=3, id="me", depth=4)
            s.text(60, 30, "You", "#1d2b3a", size=20, id="me word", depth=4)


def make_env():
    return FourInARow()
