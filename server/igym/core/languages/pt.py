"""Portuguese."""

from collections.abc import Mapping

from igym.protocol.told import Entry

SENTENCES: Mapping[str, Entry] = {
    "Thank you": "Obrigado",
    "You have finished. Thank you for taking part!": "Terminou. Obrigado por participar!",
    "The study ended for you": "O estudo terminou para si",
    "Unfortunately you cannot continue. Thank you for your time.": (
        "Infelizmente não pode continuar. Obrigado pelo seu tempo."
    ),
    "You have left the study": "Saiu do estudo",
    "Thank you for your time. Please ask the experimenter if anything is unclear.": (
        "Obrigado pelo seu tempo. Se algo não estiver claro, fale com a pessoa que conduz o estudo."
    ),
    "The wait is over": "A espera terminou",
    "Unfortunately nobody else arrived in time. Thank you for waiting.": (
        "Infelizmente não chegou mais ninguém a tempo. Obrigado por esperar."
    ),
    "You were away for too long": "Esteve ausente demasiado tempo",
    "This study could not wait any longer and has ended for you. What you did until then is saved. Thank you "
    "for your time. Please ask the experimenter if anything is unclear.": (
        "Este estudo não podia esperar mais e terminou para si. O que fez até então está guardado. Obrigado pelo "
        "seu tempo. Se algo não estiver claro, fale com a pessoa que conduz o estudo."
    ),
    "The session has ended": "A sessão terminou",
    "The experimenter has ended this session. Thank you for taking part.": (
        "A pessoa que conduz o estudo terminou esta sessão. Obrigado por participar."
    ),
    "The game could not be loaded": "Não foi possível carregar o jogo",
    "Unfortunately the game did not start on this computer. Please tell the experimenter.": (
        "Infelizmente o jogo não iniciou neste computador. Avise a pessoa que conduz o estudo, por favor."
    ),
    "Continued elsewhere": "Continua noutro lugar",
    "This page is no longer used": "Esta página já não é usada",
    "Somebody new takes part at this computer now. You can close this page.": (
        "Agora participa outra pessoa neste computador. Pode fechar esta página."
    ),
    "This session goes on at another computer.": "Esta sessão continua noutro computador.",
    "This study was opened in another tab or window, and goes on there. You can close this one.": (
        "Este estudo foi aberto noutro separador ou noutra janela e continua lá. Pode fechar este."
    ),
    "Already open": "Já está aberto",
    "This study is already open in another tab or window. Please go on there, and close this one.": (
        "Este estudo já está aberto noutro separador ou noutra janela. Continue lá e feche este, por favor."
    ),
    "People talk here between the rounds of the game.": "Aqui conversa-se entre as rondas do jogo.",
    "The experimenter has closed the chat for you.": "A pessoa que conduz o estudo fechou o chat para si.",
    "There is nobody to talk to.": "Não há ninguém com quem falar.",
    "You have sent as many messages as this study allows.": "Enviou tantas mensagens quantas este estudo permite.",
    "Nobody talks on this page any more.": "Já ninguém conversa nesta página.",
    "This cannot be said here.": "Isto não pode ser dito aqui.",
    "This study cannot be done on this kind of device. Please use another one if you can.": (
        "Este estudo não pode ser feito neste tipo de dispositivo. Use outro se puder, por favor."
    ),
    "The screen or window is too small for this study. Please use a larger one if you can.": (
        "O ecrã ou a janela é demasiado pequeno para este estudo. Use um maior se puder, por favor."
    ),
    "This study cannot be done with this browser. Please use another one if you can.": (
        "Este estudo não pode ser feito com este navegador. Use outro se puder, por favor."
    ),
    "The connection to this study is too slow to take part. Thank you for trying.": (
        "A ligação a este estudo é demasiado lenta para participar. Obrigado por tentar."
    ),
    "Unfortunately you cannot take part in this study. Thank you for your interest.": (
        "Infelizmente não pode participar neste estudo. Obrigado pelo seu interesse."
    ),
    "Continue": "Continuar",
    "Start": "Começar",
    "Please wait for the other participants. The game starts by itself.": (
        "Espere pelos outros participantes, por favor. O jogo começa sozinho."
    ),
    "Please keep this page in front and stay with the game, or it will end for you.": (
        "Mantenha esta página à frente e continue no jogo, por favor, ou ele terminará para si."
    ),
    "The game had to end for you, because this page was left, idle or too slow. Thank you for taking part.": (
        "O jogo teve de terminar para si, porque esta página foi abandonada, esteve inativa ou foi demasiado "
        "lenta. Obrigado por participar."
    ),
    "The game ended because another participant had to leave. You did nothing wrong.": (
        "O jogo terminou porque outra pessoa teve de sair. Não fez nada de errado."
    ),
    "The game goes on without you. Click here to return.": "O jogo continua sem si. Clique aqui para voltar.",
    "The connection to another player was lost. Waiting for their return.": (
        "A ligação a outra pessoa perdeu-se. Esperamos que volte."
    ),
    "The other player did not come back, so the game ended early. You did nothing wrong.": (
        "A outra pessoa não voltou, por isso o jogo terminou mais cedo. Não fez nada de errado."
    ),
    "The connection to your game was gone for too long, so it ended for you. What you did until then is "
    "saved, and you can go on here.": (
        "A ligação ao seu jogo esteve perdida demasiado tempo, por isso terminou para si. O que fez até então "
        "está guardado, e pode continuar aqui."
    ),
    "You were away from your game for too long, so it ended for you. What you did until then is saved, and "
    "you can go on here.": (
        "Esteve demasiado tempo fora do seu jogo, por isso terminou para si. O que fez até então está guardado, "
        "e pode continuar aqui."
    ),
    "The experimenter has ended this game. You did nothing wrong.": (
        "A pessoa que conduz o estudo terminou este jogo. Não fez nada de errado."
    ),
    "The game had to end because of an error in its program. It is not your fault: everything until then was "
    "saved, and the experimenter has been told.": (
        "O jogo teve de terminar por causa de um erro no seu programa. A culpa não é sua: tudo até então está "
        "guardado, e a pessoa que conduz o estudo foi avisada."
    ),
    "This link is not complete, or was changed. Please open it as you got it.": (
        "Esta ligação não está completa ou foi alterada. Abra-a tal como a recebeu, por favor."
    ),
    "Please open the personal link you were given.": "Abra a ligação pessoal que recebeu, por favor.",
    "This link carries no participant id. Please use the link you were given.": (
        "Esta ligação não contém identificação. Use a ligação que recebeu, por favor."
    ),
    "Please choose or type the name you were given.": "Escolha ou escreva o nome que recebeu, por favor.",
    "Please type your name or number.": "Escreva o seu nome ou número, por favor.",
    "Please use at most {most} ordinary characters.": "Use no máximo {most} caracteres comuns, por favor.",
    "This name is not on the list. Please check it, or ask the experimenter.": (
        "Este nome não está na lista. Verifique-o ou fale com a pessoa que conduz o estudo."
    ),
    "This session does not take new participants at the moment. Please ask the experimenter.": (
        "De momento esta sessão não aceita novos participantes. Fale com a pessoa que conduz o estudo, por favor."
    ),
    "All places of this session are taken. Please ask the experimenter.": (
        "Todos os lugares desta sessão estão ocupados. Fale com a pessoa que conduz o estudo, por favor."
    ),
    "Some answers are not right yet. Please look at them again; you have {n} more attempts.": {
        "one": "Algumas respostas ainda não estão certas. Veja-as de novo, por favor; resta-lhe {n} tentativa.",
        "other": "Algumas respostas ainda não estão certas. Veja-as de novo, por favor; restam-lhe {n} tentativas.",
    },
    "This answer is not right.": "Esta resposta não está certa.",
    "This study goes on only with the right answers to its questions. Thank you for your time.": (
        "Este estudo só continua com as respostas certas às suas perguntas. Obrigado pelo seu tempo."
    ),
    "This study goes on only after what its practice asks for. Thank you for your time.": (
        "Este estudo só continua depois de alcançado o que o treino pede. Obrigado pelo seu tempo."
    ),
    "yes": "sim",
    "no": "não",
    "All places are taken": "Todos os lugares estão ocupados",
    "All places of this study are taken. Thank you for your interest.": (
        "Todos os lugares deste estudo estão ocupados. Obrigado pelo seu interesse."
    ),
    "Somebody already takes part under this name. Please ask the experimenter.": (
        "Já participa alguém com este nome. Fale com a pessoa que conduz o estudo, por favor."
    ),
    "This seat address is not valid. Please ask the experimenter.": (
        "Este endereço de lugar não é válido. Fale com a pessoa que conduz o estudo, por favor."
    ),
    "Somebody already takes part at this computer. Please ask the experimenter.": (
        "Já participa alguém neste computador. Fale com a pessoa que conduz o estudo, por favor."
    ),
    "This page may not join. Please open the link you were given.": (
        "Não se pode participar a partir desta página. Abra a ligação que recebeu, por favor."
    ),
    "Joining did not work. Please try again, or tell the experimenter.": (
        "Não foi possível participar. Tente de novo ou avise a pessoa que conduz o estudo."
    ),
    "The study is out of reach for a moment. Please try again in a few seconds.": (
        "O estudo está inacessível por um momento. Tente novamente dentro de alguns segundos."
    ),
    "This page has connected very often in a short time. Please leave it open: it goes on in a few seconds.": (
        "Esta página ligou-se muitas vezes em pouco tempo. "
        "Deixe-a aberta, por favor: continua dentro de alguns segundos."
    ),
    "Too many people are joining at this moment. Please try again in a second.": (
        "Neste momento estão a entrar demasiadas pessoas. Tente de novo dentro de um segundo, por favor."
    ),
    "Nobody can join just now, because the data cannot be saved. Please tell the experimenter.": (
        "De momento ninguém pode participar, porque os dados não podem ser guardados. Avise a pessoa que conduz "
        "o estudo, por favor."
    ),
    "The link or the name is too long.": "A ligação ou o nome é demasiado longo.",
    "This page could not be understood. Please reload it.": (
        "Não foi possível entender esta página. Recarregue-a, por favor."
    ),
    "Please answer this question.": "Responda a esta pergunta, por favor.",
    "This question is not part of the page.": "Esta pergunta não faz parte da página.",
    "Please write text.": "Escreva um texto, por favor.",
    "Please write at least {n} characters.": {
        "one": "Escreva pelo menos {n} carácter, por favor.",
        "other": "Escreva pelo menos {n} caracteres, por favor.",
    },
    "Please write at most {n} characters.": {
        "one": "Escreva no máximo {n} carácter, por favor.",
        "other": "Escreva no máximo {n} caracteres, por favor.",
    },
    "Please check the form of this answer.": "Verifique a forma desta resposta, por favor.",
    "Please write a number.": "Escreva um número, por favor.",
    "Please write a whole number.": "Escreva um número inteiro, por favor.",
    "Please choose from the list.": "Escolha da lista, por favor.",
    "Please put every item of the list in its place.": "Dê o seu lugar a cada item da lista, por favor.",
    "Please choose at least {n}.": {
        "one": "Escolha pelo menos {n} resposta, por favor.",
        "other": "Escolha pelo menos {n} respostas, por favor.",
    },
    "Please choose at most {n}.": {
        "one": "Escolha no máximo {n} resposta, por favor.",
        "other": "Escolha no máximo {n} respostas, por favor.",
    },
    "Please choose a point on the scale.": "Escolha um ponto da escala, por favor.",
    "Please choose a day.": "Escolha um dia, por favor.",
    "Please choose a day from {day} on.": "Escolha um dia a partir de {day}, por favor.",
    "Please choose a day up to {day}.": "Escolha um dia até {day}, por favor.",
    "Please tick the box, or leave it.": "Marque a caixa ou deixe-a como está, por favor.",
    "Please tick this box to go on.": "Marque esta caixa para continuar, por favor.",
    "Please choose a value of at least {number}.": "Escolha um valor de pelo menos {number}, por favor.",
    "Please choose a value of at most {number}.": "Escolha um valor de no máximo {number}, por favor.",
    "I cannot reply at the moment. Please go on without me.": (
        "De momento não posso responder. Continue sem mim, por favor."
    ),
}
